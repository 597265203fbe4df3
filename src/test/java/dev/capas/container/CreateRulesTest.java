package dev.capas.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.errdefs.EngineException;
import dev.capas.oci.Json;
import dev.capas.oci.RunConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What dockerd 28.5.2 answered to the same requests. */
class CreateRulesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{'Memory':6000000}~Minimum memory limit allowed is 6MB",
                "{'Memory':-1}~Minimum memory limit allowed is 6MB",
                "{'MemorySwap':10000000}~You should always set the Memory limit when using Memoryswap limit, see usage",
                "{'Memory':10000000,'MemorySwap':9000000}~Minimum memoryswap limit should be larger than memory limit, see usage",
                "{'MemorySwappiness':101}~Invalid value: 101, valid memory swappiness range is 0-100",
                "{'MemoryReservation':1}~Minimum memory reservation allowed is 6MB",
                "{'Memory':10000000,'MemoryReservation':20000000}~Minimum memory limit can not be less than memory reservation limit, see usage",
                "{'NanoCpus':1000000000,'CpuPeriod':1000}~Conflicting options: Nano CPUs and CPU Period cannot both be set",
                "{'NanoCpus':1000000000,'CpuQuota':1000}~Conflicting options: Nano CPUs and CPU Quota cannot both be set",
                "{'CpuPeriod':10}~CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
                "{'CpuQuota':10}~CPU cfs quota can not be less than 1ms (i.e. 1000)",
                "{'CpuShares':-1}~invalid CPU shares (-1): value must be a positive integer",
                "{'CpusetCpus':'a'}~Invalid value a for cpuset cpus: invalid format: a",
                "{'ShmSize':-1}~SHM size can not be less than 0",
                "{'OomScoreAdj':2000}~Invalid value 2000, range for oom score adj is [-1000, 1000]",
                "{'RestartPolicy':{'Name':'often'}}~invalid restart policy: unknown policy 'often'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
                "{'RestartPolicy':{'Name':'always','MaximumRetryCount':2}}~invalid restart policy: maximum retry count can only be used with 'on-failure'",
                "{'RestartPolicy':{'Name':'on-failure','MaximumRetryCount':-2}}~invalid restart policy: maximum retry count cannot be negative",
                "{'AutoRemove':true,'RestartPolicy':{'Name':'always'}}~can't create 'AutoRemove' container with restart policy",
                "{'PortBindings':{'x/tcp':[]}}~invalid port specification: \"x\"",
                "{'PortBindings':{'80/tcp':[{'HostPort':'99999'}]}}~invalid port specification: \"99999\"",
                "{'Isolation':'hyperv'}~invalid isolation (hyperv): linux only supports 'default'",
                "{'IpcMode':'nope'}~invalid IPC mode: nope",
                "{'PidMode':'nope'}~invalid PID mode: nope",
                "{'PidMode':'container:'}~invalid PID mode: container:",
                "{'UTSMode':'nope'}~invalid UTS mode: nope",
                "{'CgroupnsMode':'nope'}~invalid cgroup namespace mode: nope",
                "{'NetworkMode':'container:'}~invalid network mode: invalid container format container:<name|id>",
                "{'NetworkMode':'container:x','Dns':['1.1.1.1']}~conflicting options: dns and the network mode",
                "{'NetworkMode':'host','Links':['x']}~conflicting options: host type networking can't be used with links. This would result in undefined behavior",
                "{'ExtraHosts':['bad']}~bad format for add-host: \"bad\"",
                "{'ExtraHosts':['a:zz']}~invalid IP address in add-host: \"zz\"",
                "{'Annotations':{'':'x'}}~invalid Annotations: the empty string is not permitted as an annotation key",
                "{'Mounts':[{'Type':'bind','Target':'/x','Source':'/tmp','VolumeOptions':{}}]}~VolumeOptions must not be specified on mount type \"bind\"",
                "{'IOMaximumIOps':1}~invalid option: QoS maximum IOPs configuration is not supported on linux"
            })
    void refusesHostConfigs(String json, String message) {
        HostConfig host = Json.MAPPER.readValue(json.replace('\'', '"'), HostConfig.class);
        assertThatThrownBy(() -> HostConfigRules.check(host, config("{}")))
                .isInstanceOf(EngineException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{'WorkingDir':'rel'}~the working directory 'rel' is invalid, it needs to be an absolute path",
                "{'StopSignal':'NOPE'}~invalid signal: NOPE",
                "{'Env':['=x']}~invalid environment variable: =x",
                "{'Healthcheck':{'Test':['CMD','x'],'Interval':5}}~Interval in Healthcheck cannot be less than 1ms",
                "{'Healthcheck':{'Test':['CMD','x'],'Retries':-5}}~Retries in Healthcheck cannot be negative"
            })
    void refusesConfigs(String json, String message) {
        assertThatThrownBy(() -> ConfigRules.check(config(json)))
                .isInstanceOf(EngineException.class)
                .hasMessage(message);
    }

    @Test
    void takesFromTheImageWhatTheClientDoesNotSay() {
        RunConfig image = new RunConfig(
                "app",
                Map.of("80/tcp", Map.of()),
                List.of("PATH=/bin", "A=image"),
                List.of("/entry"),
                List.of("serve"),
                Map.of("/data", Map.of()),
                "/srv",
                Map.of("a", "image", "b", "image"),
                "SIGINT",
                null,
                null,
                null,
                null);
        ContainerConfig own = config("{'Env':['A=own','B'],'Labels':{'a':'own'},'ExposedPorts':{'90/udp':{}}}");
        ContainerConfig merged = ConfigRules.merge(own, image, "host");
        assertThat(merged.env()).containsExactly("A=own", "B", "PATH=/bin");
        assertThat(merged.labels()).isEqualTo(Map.of("a", "own", "b", "image"));
        assertThat(merged.exposedPorts()).containsOnlyKeys("80/tcp", "90/udp");
        assertThat(merged.entrypoint()).containsExactly("/entry");
        assertThat(merged.cmd()).containsExactly("serve");
        assertThat(merged.user()).isEqualTo("app");
        assertThat(merged.workingDir()).isEqualTo("/srv");
        assertThat(merged.stopSignal()).isEqualTo("SIGINT");
        assertThat(merged.hostname()).isEqualTo("host");

        assertThat(ConfigRules.merge(config("{'Entrypoint':['/own']}"), image, "")
                        .cmd())
                .as("the image's command belongs to the image's entrypoint")
                .isNull();
        assertThat(ConfigRules.merge(config("{'Cmd':['x']}"), image, "").entrypoint())
                .containsExactly("/entry");
        assertThat(ConfigRules.merge(config("{'Entrypoint':[''],'Cmd':['x']}"), image, "")
                        .entrypoint())
                .isNull();
        assertThatThrownBy(() -> ConfigRules.merge(config("{}"), RunConfig.EMPTY, ""))
                .hasMessage("no command specified");
    }

    @Test
    void warnsOfWhatHasNoEffect() {
        assertThat(HostConfigRules.check(
                        host("{'NetworkMode':'host','PortBindings':{'80/tcp':[{'HostPort':'80'}]}}"), config("{}")))
                .containsExactly("Published ports are discarded when using host network mode");
        assertThat(HostConfigRules.check(host("{'OomKillDisable':true}"), config("{}")))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("OOM killer is disabled for the container, but no memory limit is set");
        assertThat(HostConfigRules.check(host("{}"), config("{}"))).isEmpty();
    }

    private static HostConfig host(String json) {
        return Json.MAPPER.readValue(json.replace('\'', '"'), HostConfig.class);
    }

    private static ContainerConfig config(String json) {
        return Json.MAPPER.readValue(json.replace('\'', '"'), ContainerConfig.class);
    }
}
