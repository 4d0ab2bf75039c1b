//! The ways in which one and the same estate can be written.

macro_rules! axes {
    ($($(#[$doc:meta])* $axis:ident { $($(#[$why:meta])* $value:ident),+ $(,)? })+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub enum $axis { $($(#[$why])* $value),+ }

            impl $axis {
                const ALL: &[Self] = &[$(Self::$value),+];
            }
        )+
    };
}

axes! {
    /// How resources are listed.
    Form { Array, Symbolic }
    /// In which templates the resources stand.
    Layout {
        Flat,
        /// Children in the `resources` of their parent.
        NestedChildren,
        Inner,
        Outer,
        TwoDeep,
        /// The registry at the root, the rest in a module.
        NetworkModule,
        /// The registry in a module, the rest at the root.
        RegistryModule,
        /// A module for each group of resources.
        Modules,
    }
    /// Where the faulty value is written.
    Definition { Literal, Default, Variable, Property, Element, Condition, Loop, TryGet, Union, Contains }
    /// How it comes into the module.
    Pass { Local, Scalar, Object }
    /// What the registry and the network are called.
    Naming { Literal, Default, Variable, Concat, FormatVariable, Required, Unique, Lower, Take, Replace }
    /// How resources refer to each other.
    Ids { Plain, WithGroup, WithSubscription, FromParent, Extension, Written, Variable, Outputs }
    /// Where the login server of an image comes from.
    Host { Suffix, Reference }
    /// How the list is written in which the fault is.
    Lists { Written, Variable, PropertyCopy, Map, Concat, Filter }
    /// How the properties around it are written.
    Wrap { Inline, Variable, Passed }
    /// Whether resources are conditional.
    Conditions { None, Parameter, Stage, NotEmpty }
    /// How the zone is called.
    ZoneName { Literal, Suffix, Variable }
    /// Where everything is.
    Region { Literal, Parameter, Group }
    /// How texts are put together.
    Join { Format, Concat, Interleaved }
    /// Where subnets stand.
    Subnets { Inline, Child }
    /// Upper and lower case of types and properties.
    Case { Azure, LowerTypes, OddKeys }
    /// The bytes around it.
    Dress { Pretty, Minified, Comments, Mark }
    /// Modules declare what they refer to as `existing`.
    Existing { No, Yes }
}

/// One way.
#[derive(Clone, Copy, Debug)]
pub struct Spelling {
    pub form: Form,
    pub layout: Layout,
    pub definition: Definition,
    pub pass: Pass,
    pub naming: Naming,
    pub ids: Ids,
    pub host: Host,
    pub lists: Lists,
    pub wrap: Wrap,
    pub conditions: Conditions,
    pub zone_name: ZoneName,
    pub region: Region,
    pub join: Join,
    pub subnets: Subnets,
    pub case: Case,
    pub dress: Dress,
    pub existing: Existing,
}

/// Xorshift: the same numbers on every machine.
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 20) % n as u64).unwrap_or(0)
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

impl Spelling {
    /// A way by chance.
    pub fn random(random: &mut Random) -> Self {
        Self {
            form: random.pick(Form::ALL),
            layout: random.pick(Layout::ALL),
            definition: random.pick(Definition::ALL),
            pass: random.pick(Pass::ALL),
            naming: random.pick(Naming::ALL),
            ids: random.pick(Ids::ALL),
            host: random.pick(Host::ALL),
            lists: random.pick(Lists::ALL),
            wrap: random.pick(Wrap::ALL),
            conditions: random.pick(Conditions::ALL),
            zone_name: random.pick(ZoneName::ALL),
            region: random.pick(Region::ALL),
            join: random.pick(Join::ALL),
            subnets: random.pick(Subnets::ALL),
            case: random.pick(Case::ALL),
            dress: random.pick(Dress::ALL),
            existing: random.pick(Existing::ALL),
        }
    }

    /// Axis and value, for the table of failures.
    pub fn words(&self) -> Vec<String> {
        let all = format!("{self:?}");
        let inner = all.trim_start_matches("Spelling { ").trim_end_matches(" }");
        inner.split(", ").map(str::to_owned).collect()
    }
}
