# The program alone, linked statically: docker build -t acrlint . && docker run --rm -v "$PWD:/src:ro" acrlint check
FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /source
COPY . .
RUN cargo build --release --locked

FROM scratch
COPY --from=build /source/target/release/acrlint /acrlint
WORKDIR /src
USER 65534:65534
ENTRYPOINT ["/acrlint"]
