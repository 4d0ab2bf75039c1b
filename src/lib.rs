//! acrlint says, offline, why clients cannot reach an Azure Container Registry, and proves it with the lines of the
//! configuration.
//!
//! The modules stand in the order in which data moves through them; each imports only from those above it
//! (`ARCHITECTURE.md`, checked by a test):
//!
//! texts with coordinates → spanned JSON → values and expressions → resources in ARM's shape → a typed graph →
//! a vocabulary over that graph → rules that speak it → findings with evidence → reports. Beside that way stands
//! `collect`, which tells the commands that produce inputs.
#![forbid(unsafe_code)]

pub mod parallel;
pub mod source;
pub mod diag;
pub mod json;
pub mod value;
pub mod expr;
pub mod resource;
pub mod config;
pub mod input;
pub mod graph;
pub mod lower;
pub mod catalog;
pub mod rules;
pub mod check;
pub mod report;
pub mod collect;
pub mod cli;
