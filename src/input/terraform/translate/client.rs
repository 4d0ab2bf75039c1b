//! What pulls images.
//!
//! In: clusters, container groups, apps, machines of `azurerm`. Out: their ARM types. Must not know: registries.

use crate::value::{Data, Key, Object, Origin, Pattern, Value};

use super::registry::{array, text};
use super::shape::{Block, Form, Row, apply, many, one, put, row, same};
use super::{Addition, Kind, Maker, More, Within};

const CLUSTER: &str = "Microsoft.ContainerService/managedClusters";
const SITE: &str = "Microsoft.Web/sites";

const MACHINE: &[Row] = &[
    same("location", "location"),
    row("network_interface_ids", "properties.networkProfile.networkInterfaces", Form::Wrap("id")),
];

const INTERFACE: &[Row] = &[
    same("name", "name"),
    row(
        "ip_configuration",
        "properties.ipConfigurations",
        Form::Each(&[same("name", "name"), row("subnet_id", "properties.subnet", Form::Id)]),
    ),
];

const PROFILE: &str = "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations";

const APP_CONTAINER: &[Row] = &[same("name", "name"), same("image", "image")];

const APP_TEMPLATE: Row = row(
    "template",
    "properties.template",
    Form::One(&[
        row("container", "containers", Form::Each(APP_CONTAINER)),
        row("init_container", "initContainers", Form::Each(APP_CONTAINER)),
    ]),
);

const APP_REGISTRY: &[Row] = &[
    same("server", "server"),
    same("identity", "identity"),
    same("username", "username"),
    same("password_secret_name", "passwordSecretRef"),
];

const IDENTITY: Row = row("identity", "", Form::One(&[same("type", "identity.type")]));

const SITE_ROWS: &[Row] = &[
    same("location", "location"),
    same("kind", "kind"),
    IDENTITY,
    same("virtual_network_subnet_id", "properties.virtualNetworkSubnetId"),
    same("vnet_image_pull_enabled", "properties.vnetImagePullEnabled"),
    // So it is called of web apps on Windows.
    same("virtual_network_image_pull_enabled", "properties.vnetImagePullEnabled"),
    row("outbound_ip_addresses", "properties.outboundIpAddresses", Form::Told),
    row("possible_outbound_ip_addresses", "properties.possibleOutboundIpAddresses", Form::Told),
];

/// What [`site`] reads.
const SITE_READS: &[&str] = &[
    "app_settings",
    "site_config.container_registry_use_managed_identity",
    "site_config.acr_use_managed_identity_credentials",
    "site_config.vnet_route_all_enabled",
    "site_config.linux_fx_version",
    "site_config.windows_fx_version",
    "site_config.application_stack.docker.image_name",
    "site_config.application_stack.docker.registry_url",
    "site_config.application_stack.docker.image_tag",
    "site_config.application_stack.docker.registry_username",
    "site_config.application_stack.docker_registry_username",
    "site_config.application_stack.docker_image_name",
    "site_config.application_stack.docker_registry_url",
    "site_config.application_stack.docker_image",
    "site_config.application_stack.docker_image_tag",
    "site_config.application_stack.docker_container_name",
    "site_config.application_stack.docker_container_registry",
    "site_config.application_stack.docker_container_tag",
];

pub(super) const KINDS: &[Kind] = &[
    Kind {
        names: &["azurerm_kubernetes_cluster"],
        ty: CLUSTER,
        within: &[Within::Group],
        named: "name",
        rows: &[
            same("location", "location"),
            IDENTITY,
            row(
                "default_node_pool",
                "properties.agentPoolProfiles",
                Form::Each(&[
                    same("name", "name"),
                    same("vnet_subnet_id", "vnetSubnetID"),
                    row("pod_subnet_id", "podSubnetID", Form::Told),
                    same("node_public_ip_enabled", "enableNodePublicIP"),
                    same("enable_node_public_ip", "enableNodePublicIP"),
                ]),
            ),
            row(
                "network_profile",
                "properties.networkProfile",
                Form::One(&[
                    same("outbound_type", "outboundType"),
                    same("network_plugin", "networkPlugin"),
                    row(
                        "load_balancer_profile",
                        "loadBalancerProfile",
                        Form::One(&[
                            row("effective_outbound_ips", "effectiveOutboundIPs", Form::ToldIds),
                            row("outbound_ip_address_ids", "outboundIPs.publicIPs", Form::Wrap("id")),
                            row("outbound_ip_prefix_ids", "outboundIPPrefixes.publicIPPrefixes", Form::Wrap("id")),
                        ]),
                    ),
                    row(
                        "nat_gateway_profile",
                        "natGatewayProfile",
                        Form::One(&[row("effective_outbound_ips", "effectiveOutboundIPs", Form::ToldIds)]),
                    ),
                ]),
            ),
            row(
                "http_proxy_config",
                "properties.httpProxyConfig",
                Form::One(&[
                    same("http_proxy", "httpProxy"),
                    same("https_proxy", "httpsProxy"),
                    same("no_proxy", "noProxy"),
                ]),
            ),
        ],
        more: None,
    },
    Kind {
        names: &["azurerm_kubernetes_cluster_node_pool"],
        ty: "Microsoft.ContainerService/managedClusters/agentPools",
        within: &[Within::Id("kubernetes_cluster_id")],
        named: "name",
        rows: &[
            same("vnet_subnet_id", "properties.vnetSubnetID"),
            same("node_public_ip_enabled", "properties.enableNodePublicIP"),
            same("enable_node_public_ip", "properties.enableNodePublicIP"),
        ],
        more: None,
    },
    Kind {
        names: &["azurerm_container_group"],
        ty: "Microsoft.ContainerInstance/containerGroups",
        within: &[Within::Group],
        named: "name",
        rows: &[
            same("location", "location"),
            IDENTITY,
            row(
                "container",
                "properties.containers",
                Form::Each(&[same("name", "name"), same("image", "properties.image")]),
            ),
            row(
                "init_container",
                "properties.initContainers",
                Form::Each(&[same("name", "name"), same("image", "properties.image")]),
            ),
            row(
                "image_registry_credential",
                "properties.imageRegistryCredentials",
                Form::Each(&[
                    same("server", "server"),
                    same("username", "username"),
                    same("password", "password"),
                    same("user_assigned_identity_id", "identity"),
                ]),
            ),
            row("subnet_ids", "properties.subnetIds", Form::Wrap("id")),
            same("ip_address_type", "properties.ipAddress.type"),
        ],
        more: None,
    },
    Kind {
        names: &[
            "azurerm_linux_web_app",
            "azurerm_windows_web_app",
            "azurerm_linux_function_app",
            "azurerm_windows_function_app",
            "azurerm_function_app_flex_consumption",
            "azurerm_app_service",
            "azurerm_function_app",
        ],
        ty: SITE,
        within: &[Within::Group],
        named: "name",
        rows: SITE_ROWS,
        more: Some(More { make: site, reads: SITE_READS }),
    },
    Kind {
        names: &[
            "azurerm_linux_web_app_slot",
            "azurerm_windows_web_app_slot",
            "azurerm_linux_function_app_slot",
            "azurerm_windows_function_app_slot",
            "azurerm_app_service_slot",
            "azurerm_function_app_slot",
        ],
        ty: "Microsoft.Web/sites/slots",
        within: &[
            Within::Id("app_service_id"),
            Within::Id("function_app_id"),
            Within::Name("app_service_name", SITE),
            Within::Name("function_app_name", SITE),
        ],
        named: "name",
        rows: SITE_ROWS,
        more: Some(More { make: site, reads: SITE_READS }),
    },
    Kind {
        names: &["azurerm_container_app_environment"],
        ty: "Microsoft.App/managedEnvironments",
        within: &[Within::Group],
        named: "name",
        rows: &[
            same("location", "location"),
            same("infrastructure_subnet_id", "properties.vnetConfiguration.infrastructureSubnetId"),
            same("internal_load_balancer_enabled", "properties.vnetConfiguration.internal"),
        ],
        more: None,
    },
    Kind {
        names: &["azurerm_container_app"],
        ty: "Microsoft.App/containerApps",
        within: &[Within::Group],
        named: "name",
        rows: &[
            same("location", "location"),
            IDENTITY,
            same("container_app_environment_id", "properties.managedEnvironmentId"),
            row("registry", "properties.configuration.registries", Form::Each(APP_REGISTRY)),
            APP_TEMPLATE,
        ],
        more: None,
    },
    Kind {
        names: &["azurerm_container_app_job"],
        ty: "Microsoft.App/jobs",
        within: &[Within::Group],
        named: "name",
        rows: &[
            same("location", "location"),
            IDENTITY,
            same("container_app_environment_id", "properties.environmentId"),
            row("registry", "properties.configuration.registries", Form::Each(APP_REGISTRY)),
            APP_TEMPLATE,
        ],
        more: None,
    },
    Kind {
        names: &["azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine", "azurerm_virtual_machine"],
        ty: "Microsoft.Compute/virtualMachines",
        within: &[Within::Group],
        named: "name",
        rows: MACHINE,
        more: None,
    },
    Kind {
        names: &[
            "azurerm_linux_virtual_machine_scale_set",
            "azurerm_windows_virtual_machine_scale_set",
            "azurerm_orchestrated_virtual_machine_scale_set",
            "azurerm_virtual_machine_scale_set",
        ],
        ty: "Microsoft.Compute/virtualMachineScaleSets",
        within: &[Within::Group],
        named: "name",
        rows: &[
            same("location", "location"),
            row("network_interface", PROFILE, Form::Each(INTERFACE)),
            row("network_profile", PROFILE, Form::Each(INTERFACE)),
        ],
        more: None,
    },
];

pub(super) const ADDITIONS: &[Addition] = &[
    Addition {
        name: "azurerm_app_service_virtual_network_swift_connection",
        to: Within::Id("app_service_id"),
        ty: SITE,
        rows: &[same("subnet_id", "properties.virtualNetworkSubnetId")],
    },
    Addition {
        name: "azurerm_app_service_slot_virtual_network_swift_connection",
        to: Within::Id("app_service_id"),
        ty: SITE,
        rows: &[],
    },
];

const USERNAME: &str = "DOCKER_REGISTRY_SERVER_USERNAME";

/// The configuration of a web app: its image, how it signs in to the registry, and its settings.
fn site(maker: &mut Maker<'_, '_>) {
    let mut settings = Vec::new();
    let mut open = None;
    let mut at = None;
    if let Some((key, value)) = maker.from.entry("app_settings") {
        at = Some((key.at, value.origin));
        match &value.data {
            Data::Object(object) => {
                open.clone_from(&object.open);
                settings.extend(object.iter().map(|(key, value)| setting(key, value)));
            }
            Data::Unknown(unknown) => open = Some(std::sync::Arc::clone(unknown)),
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => {}
            Data::String(_) | Data::Pattern(_) | Data::Array(_) => {}
        }
    }
    if let Some((key, value)) = maker.get("site_config") {
        match one(&value) {
            Block::Object(config) => site_config(maker, &config, value.origin, &mut settings),
            Block::Unknown(unknown) => {
                maker.put("properties.siteConfig", key.at, Value::unknown((*unknown).clone(), value.origin));
                return;
            }
            Block::None => {}
        }
    }
    let Some((key_at, origin)) = at.or_else(|| settings.first().map(|first| (first.origin.at, first.origin))) else {
        return;
    };
    let Value { data: Data::Array(items), .. } = array(settings, origin) else { return };
    let mut items = (*items).clone();
    items.open = open;
    let settings = Value::new(Data::Array(std::sync::Arc::new(items)), origin);
    maker.put("properties.siteConfig.appSettings", key_at, settings);
}

fn setting(key: &Key, value: &Value) -> Value {
    let mut object = Object::new();
    object.push(
        Key { name: "name".into(), at: key.at },
        Value::string(std::sync::Arc::clone(&key.name), Origin::at(key.at)),
    );
    // Nobody tells which settings are secrets, and only a few are asked for.
    let plain = ["DOCKER_REGISTRY_SERVER_URL", "WEBSITE_PULL_IMAGE_OVER_VNET"].contains(&&*key.name);
    let value = if plain { value.clone() } else { value.clone().into_secret() };
    object.push(Key { name: "value".into(), at: key.at }, value);
    Value::object(object, Origin::at(key.at))
}

fn site_config(maker: &mut Maker<'_, '_>, config: &Object, origin: Origin, settings: &mut Vec<Value>) {
    let mut made = Object::new();
    apply(
        &[
            same("container_registry_use_managed_identity", "acrUseManagedIdentityCreds"),
            same("acr_use_managed_identity_credentials", "acrUseManagedIdentityCreds"),
            same("vnet_route_all_enabled", "vnetRouteAllEnabled"),
        ],
        config,
        &mut made,
    );
    let windows = maker.instance.parts.ty.contains("windows");
    let property = if windows { "windowsFxVersion" } else { "linuxFxVersion" };
    let told = ["linux_fx_version", "windows_fx_version"].iter().find_map(|name| config.entry(name));
    let stack = config.entry("application_stack");
    let mut image = None;
    if let Some((key, value)) = stack {
        match one(value) {
            Block::Object(stack) => image = image_of(&stack, settings),
            // What nobody sets is no container.
            Block::Unknown(unknown) if sets_in(maker, "site_config", "application_stack") => {
                let unknown = crate::value::Unknown::new(unknown.reason, unknown.symbol.dot("docker_image_name"));
                image = Some((key.at, Value::unknown(unknown, value.origin)));
            }
            Block::Unknown(_) | Block::None => {}
        }
    }
    let image = image.or_else(|| {
        let (key, value) = told?;
        let set = sets_in(maker, "site_config", &key.name);
        (value.as_unknown().is_none() || set).then(|| (key.at, value.clone()))
    });
    if let Some((at, image)) = image {
        put(&mut made, property, at, image);
    }
    maker.put("properties.siteConfig", origin.at, Value::object(made, origin));
}

/// Whether the only block of a name sets an attribute.
fn sets_in(maker: &Maker<'_, '_>, block: &str, attribute: &str) -> bool {
    let expressions = maker.instance.config.and_then(|node| node.get("expressions"));
    let Some(expressions) = expressions else { return true };
    expressions.get(block).and_then(|blocks| blocks.item(0)).is_some_and(|body| body.get(attribute).is_some())
}

/// The image that a stack runs, as ARM writes it; what signs in with a password is a setting.
fn image_of(stack: &Object, settings: &mut Vec<Value>) -> Option<(crate::source::Span, Value)> {
    // Function apps have a block of their own for it.
    if let Some((block, _)) = many(stack.get("docker")).0.first() {
        let (key, name) = block.entry("image_name")?;
        let (registry, tag) = (block.get("registry_url"), block.get("image_tag"));
        if let Some((key, value)) = block.entry("registry_username").filter(|(_, value)| is_said(value)) {
            settings.push(setting(&Key { name: USERNAME.into(), at: key.at }, value));
        }
        return Some((key.at, docker(registry, name, tag)));
    }
    if let Some((key, value)) = stack.entry("docker_registry_username").filter(|(_, value)| is_said(value)) {
        settings.push(setting(&Key { name: USERNAME.into(), at: key.at }, value));
    }
    let names = [
        ("docker_image_name", "docker_registry_url", ""),
        ("docker_image", "", "docker_image_tag"),
        ("docker_container_name", "docker_container_registry", "docker_container_tag"),
    ];
    names.iter().find_map(|(name, registry, tag)| {
        let (key, name) = stack.entry(name).filter(|(_, value)| is_said(value))?;
        Some((key.at, docker(stack.get(registry), name, stack.get(tag))))
    })
}

/// Whether something is written, known or not; of what is told only afterwards nobody can say.
fn is_said(value: &Value) -> bool {
    let nothing = value.is_null() || value.as_str() == Some("");
    let told =
        value.as_unknown().is_some_and(|unknown| unknown.ty.is_none() && unknown.hole == crate::value::Hole::Any);
    !nothing && !told
}

/// `DOCKER|host/name:tag`.
fn docker(registry: Option<&Value>, name: &Value, tag: Option<&Value>) -> Value {
    let mut image = Pattern::literal("DOCKER|");
    let words = |value: Option<&Value>| value.filter(|value| is_said(value)).and_then(Value::as_name);
    if let Some(host) = words(registry) {
        let plain = host.as_literal().map(|url| {
            let url = url.split_once("://").map_or(url, |(_, rest)| rest);
            Pattern::literal(url.trim_end_matches('/'))
        });
        image.push(plain.as_ref().unwrap_or(&host));
        image.push_str("/");
    }
    image.push(&name.as_name().unwrap_or_default());
    if let Some(tag) = words(tag) {
        image.push_str(":");
        image.push(&tag);
    }
    text(image, name.origin)
}
