"""Calls every verb of docker-py that this engine has, and checks what it gives back.

usage: docker_py.py SOCKET ROOTFS_TAR
"""

import io
import sys
import tarfile
import threading
import time

import docker
from docker.api.container import ContainerApiMixin
from docker.api.daemon import DaemonApiMixin
from docker.api.exec_api import ExecApiMixin
from docker.api.image import ImageApiMixin
from docker.api.network import NetworkApiMixin
from docker.api.volume import VolumeApiMixin
from docker.errors import APIError, ImageNotFound, NotFound

MIXINS = (ContainerApiMixin, DaemonApiMixin, ExecApiMixin, ImageApiMixin, NetworkApiMixin, VolumeApiMixin)
# a search asks Docker's own registry alone; the second is a pull by another name; the third sends what dockerd does not understand either
NOT_HERE = {"search", "import_image_from_image", "import_image_from_stream"}
NOBODY = "127.0.0.1:1"

called = set()


def counted(name, function):
    def call(*args, **kwargs):
        called.add(name)
        return function(*args, **kwargs)

    return call


verbs = set()
for mixin in MIXINS:
    for name, function in list(vars(mixin).items()):
        if callable(function) and not name.startswith("_"):
            verbs.add(name)
            setattr(mixin, name, counted(name, function))

socket, rootfs = sys.argv[1:3]
api = docker.APIClient(base_url="unix://" + socket, version="auto", timeout=60)
HOST = {"NetworkMode": "none"}


def refused(kind, function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except kind:
        return
    raise AssertionError(f"{function} was not refused: {args} {kwargs}")


def run(command, **kwargs):
    made = api.create_container("box:1", command, host_config=HOST, **kwargs)["Id"]
    api.start(made)
    return made


def archive(name, content):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def daemon():
    assert api.ping() == "OK" or api.ping() is True
    assert api.version()["ApiVersion"] and api.info()["OSType"] == "linux"
    assert set(api.df()) >= {"Images", "Containers", "Volumes"}
    refused(APIError, api.login, "me", "secret", registry=NOBODY)
    api.reload_config()


def images():
    content = open(rootfs, "rb").read()
    changes = ["CMD sleep 600"]
    assert '"status"' in api.import_image(rootfs, repository="box", tag="1")
    assert '"status"' in api.import_image_from_file(rootfs, repository="box", tag="file", changes=changes)
    assert '"status"' in api.import_image_from_data(content, repository="box", tag="data", changes=changes)
    refused(APIError, api.import_image_from_url, f"http://{NOBODY}/x", repository="box")
    assert {"box:1", "box:file", "box:data"} <= {t for i in api.images() for t in i["RepoTags"] or []}
    assert api.inspect_image("box:file")["Config"]["Cmd"] == ["/bin/sh", "-c", "sleep 600"]
    assert len(api.history("box:1")) == 1
    assert api.tag("box:1", "other", "tagged")
    saved = b"".join(api.get_image("box:data"))
    api.remove_image("other:tagged")
    api.remove_image("box:data")
    refused(ImageNotFound, api.inspect_image, "box:data")
    assert "box:data" in "".join(str(line) for line in api.load_image(saved))
    assert api.prune_images({"dangling": True})["SpaceReclaimed"] >= 0
    refused(APIError, api.pull, NOBODY + "/none", tag="1")
    api.tag("box:1", NOBODY + "/box", "1")
    assert "error" in api.push(NOBODY + "/box", tag="1")
    api.remove_image(NOBODY + "/box:1")
    refused(APIError, api.inspect_distribution, NOBODY + "/none:1")


def containers():
    config = api.create_container_config("box:1", ["sleep", "600"], labels={"py": "1"})
    config["HostConfig"] = api.create_host_config(network_mode="none", mem_limit="64m")
    api.create_networking_config({"net": api.create_endpoint_config()})
    made = api.create_container_from_config(config, name="py")["Id"]
    api.start(made)
    assert [c["Id"] for c in api.containers(filters={"label": "py=1"})] == [made]
    assert api.inspect_container("py")["State"]["Running"]
    assert any("sleep 600" in " ".join(line) for line in api.top(made)["Processes"])
    assert api.stats(made, stream=False)["memory_stats"]
    assert next(iter(api.stats(made, decode=True)))["id"] == made
    assert api.port(made, 80) is None
    api.pause(made)
    api.unpause(made)
    api.rename(made, "renamed")
    api.update_container(made, mem_limit="80m", memswap_limit="160m")
    assert api.inspect_container("renamed")["HostConfig"]["Memory"] == 80 << 20
    assert api.put_archive(made, "/tmp", archive("hello", b"hello\n"))
    stream, stat = api.get_archive(made, "/tmp/hello")
    assert stat["size"] == 6 and b"hello\n" in b"".join(stream)
    assert {"Path": "/tmp/hello", "Kind": 1} in api.diff(made)
    assert b"hello\n" in b"".join(api.export(made))
    image = api.commit(made, repository="box", tag="committed", changes="ENV A=b")["Id"]
    assert "A=b" in api.inspect_image(image)["Config"]["Env"]
    api.restart(made, timeout=0)
    api.kill(made)
    assert api.wait(made)["StatusCode"] == 137
    api.remove_container(made)
    refused(NotFound, api.inspect_container, made)
    assert made not in (api.prune_containers({"label": "py=none"})["ContainersDeleted"] or [])


def streams():
    made = run(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert api.wait(made)["StatusCode"] == 3
    assert api.logs(made) in (b"out\nerr\n", b"err\nout\n")
    assert api.logs(made, stdout=True, stderr=False, stream=False) == b"out\n"
    assert sorted(api.logs(made, stream=True, follow=True)) == [b"err\n", b"out\n"]
    # docker-py loses what comes in the same packet as the headers, whichever engine sends it
    assert b"out\n" in [api.attach(made, logs=True, stdout=True, stderr=False) for _ in range(5)]
    api.remove_container(made)

    made = api.create_container("box:1", "cat", stdin_open=True, tty=True, host_config=HOST)["Id"]
    attached = api.attach_socket(made, {"stdin": 1, "stdout": 1, "stream": 1})
    api.start(made)
    api.resize(made, 40, 100)
    attached._sock.sendall(b"to and fro\n")
    got = b""
    while got.count(b"to and fro") < 2:
        got += attached._sock.recv(1000)
    attached.close()
    api.stop(made, timeout=0)
    api.remove_container(made, v=True, force=True)


def execs():
    made = run(["sleep", "600"])
    one = api.exec_create(made, ["sh", "-c", "echo out; echo err >&2; exit 4"])["Id"]
    assert api.exec_start(one, demux=True) == (b"out\n", b"err\n")
    assert api.exec_inspect(one)["ExitCode"] == 4
    two = api.exec_create(made, "cat", stdin=True, tty=True)["Id"]
    talk = api.exec_start(two, tty=True, socket=True)
    api.exec_resize(two, 30, 90)
    talk._sock.sendall(b"typed\n\x04")
    got = b""
    while b"typed\r\ntyped\r\n" not in got:
        got += talk._sock.recv(1000)
    talk.close()
    api.remove_container(made, force=True)


def volumes():
    assert api.create_volume("py-volume", labels={"py": "1"})["Driver"] == "local"
    assert api.inspect_volume("py-volume")["Labels"] == {"py": "1"}
    assert [v["Name"] for v in api.volumes(filters={"label": "py"})["Volumes"]] == ["py-volume"]
    made = api.create_container(
        "box:1",
        ["sh", "-c", "echo kept >/d/file"],
        volumes=["/d"],
        host_config=api.create_host_config(network_mode="none", binds={"py-volume": {"bind": "/d", "mode": "rw"}}),
    )["Id"]
    api.start(made)
    api.wait(made)
    refused(APIError, api.remove_volume, "py-volume")
    api.remove_container(made)
    assert api.prune_volumes({"label": "py", "all": "1"}) == {"VolumesDeleted": ["py-volume"], "SpaceReclaimed": 5}
    api.create_volume("py-volume")
    api.remove_volume("py-volume")


def networks():
    network = api.create_network("py-network", labels={"py": "1"})["Id"]
    assert [n["Id"] for n in api.networks(names=["py-network"])] == [network]
    made = api.create_container("box:1", "true", host_config=api.create_host_config(network_mode="py-network"))["Id"]
    api.disconnect_container_from_network(made, network)
    api.connect_container_to_network(made, network, aliases=["other"])
    assert list(api.inspect_container(made)["NetworkSettings"]["Networks"]) == ["py-network"]
    api.remove_container(made)
    assert api.inspect_network(network)["Labels"] == {"py": "1"}
    assert api.prune_networks({"label": "py"})["NetworksDeleted"] == ["py-network"]
    api.create_network("py-network")
    api.remove_network("py-network")


def events():
    heard = []
    stream = api.events(decode=True, filters={"type": "volume"})
    listener = threading.Thread(target=lambda: heard.extend(event["Action"] for event in stream), daemon=True)
    listener.start()
    time.sleep(0.2)
    api.create_volume("heard")
    api.remove_volume("heard")
    end = time.monotonic() + 10
    while heard != ["create", "destroy"] and time.monotonic() < end:
        time.sleep(0.01)
    assert heard == ["create", "destroy"], heard
    stream.close()


for part in (daemon, images, containers, streams, execs, volumes, networks, events):
    try:
        part()
    except BaseException:
        print("failed:", part.__name__, file=sys.stderr)
        raise

silent = verbs - called - NOT_HERE
assert not silent, f"never called: {sorted(silent)}"
print(len(verbs - NOT_HERE), "verbs")
