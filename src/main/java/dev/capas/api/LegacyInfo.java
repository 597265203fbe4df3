package dev.capas.api;

import dev.capas.oci.Json;
import tools.jackson.databind.node.ObjectNode;

/** What older versions of the API had in {@code GET /info} and newer ones have not. */
final class LegacyInfo {
    private LegacyInfo() {}

    /** The facts in the form of this version. */
    static Object of(SystemInfo info, ApiVersion version) {
        if (!version.before("1.50")) {
            return info;
        }
        ObjectNode shown = Json.MAPPER.valueToTree(info);
        // networks with packet filters on bridges there are none
        shown.put("BridgeNfIptables", false);
        shown.put("BridgeNfIp6tables", false);
        if (version.before("1.49")) {
            ObjectNode registries = (ObjectNode) shown.path("RegistryConfig");
            registries.putNull("AllowNondistributableArtifactsCIDRs");
            registries.putNull("AllowNondistributableArtifactsHostnames");
            for (String program : new String[] {"ContainerdCommit", "RuncCommit", "InitCommit"}) {
                ObjectNode commit = (ObjectNode) shown.path(program);
                String id = commit.path("ID").asString();
                if (!id.isEmpty()) {
                    commit.put("Expected", id);
                }
            }
        }
        if (version.before("1.42")) {
            shown.put("KernelMemory", info.memoryLimit());
        }
        return shown;
    }
}
