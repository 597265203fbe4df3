// Every verb of dockerode on the engine at argv[2], with the image argv[3] (a busybox); what it calls is counted, what is left is printed.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { Readable, PassThrough } = require('node:stream');
const Docker = require('dockerode');

const [socketPath, image, archive] = process.argv.slice(2);
const docker = new Docker({ socketPath });
const library = path.dirname(require.resolve('dockerode'));
const classes = { Docker };
for (const name of ['Container', 'Image', 'Volume', 'Network', 'Exec']) {
  classes[name] = require(path.join(library, name.toLowerCase() + '.js'));
}
const left = new Set();
for (const [name, type] of Object.entries(classes)) {
  for (const verb of Object.getOwnPropertyNames(type.prototype)) {
    if (verb === 'constructor') continue;
    const original = type.prototype[verb];
    left.add(`${name}.${verb}`);
    type.prototype[verb] = function (...args) {
      left.delete(`${name}.${verb}`);
      return original.apply(this, args);
    };
  }
}

async function text(stream) {
  let all = '';
  for await (const chunk of stream) all += chunk.toString();
  return all;
}

/** What a multiplexed stream carries. */
async function output(stream) {
  const stdout = new PassThrough();
  docker.modem.demuxStream(stream, stdout, stdout);
  stream.on('end', () => stdout.end());
  stream.on('close', () => stdout.end());
  return text(stdout);
}

const refused = (status) => (error) => error.statusCode === status;
const followed = (stream) =>
  new Promise((done, fail) => docker.modem.followProgress(stream, (error, lines) => (error ? fail(error) : done(lines))));

async function engine() {
  assert.equal((await docker.ping()).toString(), 'OK');
  assert.equal((await docker.version()).ApiVersion, '1.51');
  assert.ok((await docker.info()).Images >= 1);
  assert.ok((await docker.df()).LayersSize > 0);
  const events = await docker.getEvents({ since: 1, until: Math.floor(Date.now() / 1000) });
  await text(events);
}

async function images() {
  const loaded = await followed(await docker.loadImage(fs.createReadStream(archive)));
  assert.match(JSON.stringify(loaded), /Loaded image/);
  const imported = await followed(await docker.importImage(fs.createReadStream(archive), { repo: 'walk', tag: 'imported' }));
  assert.match(JSON.stringify(imported), /sha256:/);
  await docker.getImage(image).tag({ repo: 'walk', tag: 'tagged' });
  const tagged = docker.getImage('walk:tagged');
  assert.ok((await tagged.inspect()).RepoTags.includes('walk:tagged'));
  assert.ok((await docker.getImage('walk:imported').history()).length > 0);
  assert.ok((await docker.listImages({ filters: { reference: ['walk'] } })).length >= 1);
  assert.ok((await text(await tagged.get())).length > 1000);
  assert.ok((await text(await docker.getImages({ names: ['walk:tagged'] }))).length > 1000);
  await assert.rejects(docker.createImage({ fromImage: '127.0.0.1:1/none', tag: '1' }), refused(500));
  await assert.rejects(docker.pull('127.0.0.1:1/none:1'), refused(500));
  await new Promise((done) =>
    docker.pullAll('127.0.0.1:1/none', {}, (error) => {
      assert.ok(error);
      done();
    }));
  await tagged.tag({ repo: '127.0.0.1:1/walk', tag: '1' });
  const nowhere = docker.getImage('127.0.0.1:1/walk');
  assert.match(await text(await nowhere.push({ tag: '1', authconfig: {} })), /refused/);
  await docker.getImage('127.0.0.1:1/walk:1').remove();
  await assert.rejects(docker.getImage('127.0.0.1:1/none:1').distribution());
  await tagged.remove();
  await docker.getImage('walk:imported').remove();
  await docker.pruneImages({ filters: { label: ['walk=none'] } });
  await assert.rejects(docker.checkAuth({ username: 'u', password: 'p', serveraddress: '127.0.0.1:1' }));
}

async function containers() {
  const container = await docker.createContainer({
    name: 'walk', Image: image, Cmd: ['sh', '-c', 'echo begins; while sleep 0.1; do echo beat; done'], StopSignal: 'SIGKILL',
    Labels: { walk: '1' }, HostConfig: { NetworkMode: 'none' },
  });
  await assert.rejects(docker.createContainer({ name: 'walk', Image: image }), refused(409));
  await container.putArchive(await container.getArchive({ path: '/etc/passwd' }), { path: '/tmp' });
  const stat = await container.infoArchive({ path: '/tmp/passwd' });
  assert.ok(stat);
  const attached = await container.attach({ stream: true, stdout: true, stderr: true });
  await container.start();
  await new Promise((done) => attached.once('data', done));
  attached.destroy();
  assert.equal((await container.inspect()).State.Running, true);
  assert.match(await output(await container.logs({ follow: false, stdout: true, stderr: true }).then((b) => Readable.from([b]))), /begins/);
  await container.resize({ h: 30, w: 90 }).catch(refused(500));
  assert.equal((await container.top()).Processes.length >= 1, true);
  assert.ok((await container.changes()).some((change) => change.Path === '/tmp/passwd'));
  assert.ok((await container.stats({ stream: false })).memory_stats.usage > 0);
  await container.pause();
  assert.equal((await container.inspect()).State.Paused, true);
  await container.unpause();
  await container.update({ Memory: 64 << 20, MemorySwap: 128 << 20 });
  await container.rename({ name: 'walked' });
  const exec = await container.exec({ Cmd: ['cat'], AttachStdin: true, AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true, stdin: true });
  stream.write('typed');
  stream.end();
  assert.equal(await output(stream), 'typed');
  assert.equal((await exec.inspect()).ExitCode, 0);
  const terminal = await container.exec({ Cmd: ['sh', '-c', 'read x; stty size'], AttachStdin: true, AttachStdout: true, Tty: true });
  const screen = await terminal.start({ hijack: true, stdin: true, Tty: true });
  await terminal.resize({ h: 40, w: 100 });
  screen.write('\n');
  assert.match(await text(screen), /40 100/);
  await container.restart({ t: 0 });
  await container.kill({ signal: 'SIGUSR2' });
  const ended = container.wait();
  await container.stop({ t: 0 }).catch(refused(304));
  assert.ok((await ended).StatusCode > 0);
  const committed = await container.commit({ repo: 'walk', tag: 'committed', comment: 'c' });
  assert.match(committed.Id, /^sha256:/);
  await docker.getImage('walk:committed').remove();
  assert.ok((await text(await container.export())).length > 1000);
  assert.equal((await docker.listContainers({ all: true, filters: { label: ['walk=1'] } })).length, 1);
  await container.remove({ force: true, v: true });
  await assert.rejects(container.inspect(), refused(404));
  await docker.pruneContainers({ filters: { label: ['walk=1'] } });
  const sink = new PassThrough();
  const said = text(sink);
  const [result, ran] = await docker.run(image, ['echo', 'ran'], sink, { Tty: true, HostConfig: { NetworkMode: 'none' } });
  sink.end();
  assert.equal(result.StatusCode, 0);
  assert.match(await said, /ran/);
  await ran.remove();
}

async function volumes() {
  await docker.createVolume({ Name: 'walk', Labels: { walk: '1' } });
  const volume = docker.getVolume('walk');
  assert.equal((await volume.inspect()).Driver, 'local');
  assert.equal((await docker.listVolumes({ filters: { label: ['walk=1'] } })).Volumes.length, 1);
  await volume.remove();
  await docker.createVolume({ Labels: { walk: '1' } });
  assert.equal((await docker.pruneVolumes({ filters: { label: ['walk=1'] } })).VolumesDeleted.length, 1);
}

async function networks() {
  const network = await docker.createNetwork({ Name: 'walk', Labels: { walk: '1' }, CheckDuplicate: true });
  assert.equal((await docker.getNetwork('walk').inspect()).Driver, 'bridge');
  assert.equal((await docker.listNetworks({ filters: { name: ['walk'] } })).length, 1);
  const container = await docker.createContainer({ Image: image, Cmd: ['sleep', '100'], StopSignal: 'SIGKILL' });
  await container.start();
  await network.connect({ Container: container.id, EndpointConfig: { Aliases: ['other'] } });
  const joined = (await container.inspect()).NetworkSettings.Networks.walk;
  assert.ok(joined.IPAddress && joined.Aliases.includes('other'));
  await network.disconnect({ Container: container.id });
  await container.remove({ force: true });
  await network.remove();
  await docker.createNetwork({ Name: 'walk', Labels: { walk: '1' } });
  assert.deepEqual((await docker.pruneNetworks({ filters: { label: ['walk=1'] } })).NetworksDeleted, ['walk']);
}

async function swarm() {
  for (const ask of [
    () => docker.listServices(), () => docker.listNodes(), () => docker.listTasks(), () => docker.listSecrets(), () => docker.listConfigs(),
    () => docker.swarmInspect(),
  ]) {
    await assert.rejects(ask(), refused(503));
  }
}

(async () => {
  for (const part of [engine, images, containers, volumes, networks, swarm]) await part();
  console.log([...left].sort().join('\n'));
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
