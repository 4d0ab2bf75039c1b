#!/usr/bin/env python3
"""Writes src/catalog/azure_types.txt: which properties Azure's resource types have, in which API versions.

usage: azure_types.py FOLDER > src/catalog/azure_types.txt

FOLDER holds what a reader of the NuGet package Azure.Bicep.Types.Az made of it: one JSON file per provider namespace
with, per type, `apiVersions` and `properties` (`path`, `type`, `in`, `required`, `readOnly`, `embeds`, ...), and
index.tsv, whose first column has the names of all types.
"""
import json
import pathlib
import re
import sys

WHOLE = """
Microsoft.ContainerRegistry/registries
Microsoft.ContainerRegistry/registries/agentPools
Microsoft.ContainerRegistry/registries/cacheRules
Microsoft.ContainerRegistry/registries/connectedRegistries
Microsoft.ContainerRegistry/registries/credentialSets
Microsoft.ContainerRegistry/registries/exportPipelines
Microsoft.ContainerRegistry/registries/importPipelines
Microsoft.ContainerRegistry/registries/pipelineRuns
Microsoft.ContainerRegistry/registries/privateEndpointConnections
Microsoft.ContainerRegistry/registries/replications
Microsoft.ContainerRegistry/registries/scopeMaps
Microsoft.ContainerRegistry/registries/tasks
Microsoft.ContainerRegistry/registries/tokens
Microsoft.ContainerRegistry/registries/webhooks
Microsoft.Network/networkSecurityGroups
Microsoft.Network/privateDnsZones
Microsoft.Network/privateDnsZones/A
Microsoft.Network/privateDnsZones/virtualNetworkLinks
Microsoft.Network/privateEndpoints
Microsoft.Network/privateEndpoints/privateDnsZoneGroups
Microsoft.Network/routeTables
Microsoft.Network/virtualNetworks
Microsoft.Network/virtualNetworks/subnets
Microsoft.Network/virtualNetworks/virtualNetworkPeerings
Microsoft.ContainerInstance/containerGroups
Microsoft.App/managedEnvironments
Microsoft.App/containerApps
Microsoft.Security/pricings
""".split()

# Of these only what has to do with networks, images and identities.
PARTIAL = """
Microsoft.Compute/virtualMachines
Microsoft.ContainerService/managedClusters
Microsoft.Web/sites
""".split()
RELEVANT = re.compile(
    r"network|vnet|subnet|dns|proxy|outbound|inbound|public|private|access|endpoint|image|registr|acr|container"
    r"|fxversion|identit|bootstrap|authorized|loadBalancer(?!.*(probe|rule))",
    re.IGNORECASE,
)

# Of these namespaces every type name is listed, so that a misspelled one can be told from one that is not covered.
NAMED = ["Microsoft.ContainerRegistry", "Microsoft.Network"]

HEADER = """\
# Which properties the resource types of Azure have, in which API versions. Written by tools/azure_types.py.
#
# Derived from the NuGet package Azure.Bicep.Types.Az 0.2.972 (https://github.com/Azure/bicep-types-az),
# MIT License, Copyright (c) Microsoft Corporation.
#
#   names NAMESPACE TYPE ...      every type of a namespace
#   type NAME VERSION ...         a type and its API versions; `partial NAME ...` when not all properties are listed
#    NAME [RANGES]                its properties, one blank deeper than the object they belong to
#
# `NAME[]` is an array, and what stands below belongs to its elements; `*` is any name; `!` marks a name that must be
# there; `+` one with properties that are not listed (read-only ones, other resources, free-form objects). RANGES are
# those of the property above when left out; `A..B` counts over the versions of the type, in their order, and
# `A..` goes to the last one.
"""


def members(spec, versions):
    """The versions that `in` or `required` of an entry names, as a set of indices."""
    if spec == "all":
        return set(range(len(versions)))
    found = set()
    for item in spec:
        low, _, high = item.partition("..")
        found |= {i for i, v in enumerate(versions) if low <= v <= (high or low)}
    return found


def ranges(indices, versions):
    """The same set in the notation of the table."""
    parts, run = [], []
    for i in sorted(indices) + [None]:
        if run and (i is None or i != run[-1] + 1):
            last = "" if run[-1] == len(versions) - 1 else versions[run[-1]]
            parts.append(versions[run[0]] + (".." + last if len(run) > 1 else ""))
            run = []
        if i is not None:
            run.append(i)
    return ",".join(parts)


class Node:
    """A property: its spelling, the versions that have it, and what is below."""

    def __init__(self, name):
        self.name, self.versions, self.children = name, set(), {}
        self.array = self.open = self.bare = self.required = False

    def child(self, name):
        return self.children.setdefault(name.lower(), Node(name))


def segments(path):
    """`a.{kind=B}.c[].*` is a, c[], *; the branches of a union are one object here."""
    path = re.sub(r"\.?\{[^}]*\}", "", path)
    return [segment for segment in path.split(".") if segment]


def tree(described):
    versions = described["apiVersions"]
    assert len(versions) <= 128, described["type"]
    root = Node("")
    root.versions = set(range(len(versions)))
    for entry in described["properties"]:
        path = segments(entry["path"])
        if not path or entry["path"].endswith("[]"):
            continue
        node = root
        for segment in path:
            if segment.endswith("[]"):
                node = node.child(segment[:-2])
                node.array = True
            else:
                node = node.child(segment)
        present = members(entry["in"], versions)
        node.versions |= present
        node.array |= entry["type"] == "array"
        read_only = entry.get("readOnly") is True
        node.bare |= read_only
        node.open |= read_only or "embeds" in entry or "recursive" in entry or "deeper" in entry
        node.open |= entry["type"] == "any" or (entry["type"] == "object") or entry.get("items") in ("object", "any")
        if "networkRuleSet" in entry["path"] and "required" in entry:
            assert entry["required"] == "all", entry["path"]
            node.required = True
    settle(root)
    return root


def settle(node):
    """An object whose properties are listed is not open; the properties of a read-only one are of no interest."""
    for child in node.children.values():
        settle(child)
        child.versions &= node.versions
    if node.bare:
        node.children = {}
    elif set(node.children) - {"id"}:
        node.open = False


def prune(node, path=""):
    """Keeps what has to do with networks, images and identities, and the objects around it."""
    for key, child in list(node.children.items()):
        below = f"{path}.{child.name}"
        prune(child, below)
        if not child.children and not RELEVANT.search(below):
            del node.children[key]


def write(node, versions, depth, out):
    for child in node.children.values():
        name = child.name + "[]" * child.array + "!" * child.required + "+" * child.open
        same = child.versions == node.versions
        out.append(" " * depth + name + ("" if same else " " + ranges(child.versions, versions)))
        write(child, versions, depth + 1, out)


def main():
    folder = pathlib.Path(sys.argv[1])
    described = {t["type"]: t for file in sorted(folder.glob("*.json")) for t in json.loads(file.read_text())}
    names = [line.split("\t")[0] for line in (folder / "index.tsv").read_text().splitlines()[1:]]
    out = [HEADER.rstrip("\n")]
    for namespace in NAMED:
        prefix = namespace + "/"
        inside = [name[len(prefix):] for name in names if name.startswith(prefix)]
        out.append(f"names {namespace} {' '.join(inside)}")
    for name in WHOLE + PARTIAL:
        partial = name in PARTIAL
        versions = described[name]["apiVersions"]
        out.append(f"{'partial' if partial else 'type'} {name} {' '.join(versions)}")
        root = tree(described[name])
        if partial:
            prune(root)
        write(root, versions, 1, out)
    print("\n".join(out))


main()
