// A process of consoles that somebody looks at: the streams that each opens, read and thrown away; started by
// `openConsoles`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

/** What a console opens on the page of tasks, and what is open on each of its pages. */
const PATHS = [
  '/crawler/resources/watch?sort=name&status=true&offset=0&pageSize=100',
  '/crawler/cluster/watch',
  '/crawler/event',
];

/** `open` resolves when every stream has begun, `shut` when all are closed, with the bytes that they have brought. */
export function openConsoles(address, count) {
  const child = fork(fileURLToPath(import.meta.url), [address, String(count)]);
  const ask = async (what) => {
    child.send(what);
    const [answer] = await once(child, 'message');
    return answer;
  };
  return {
    open: () => ask('open'),
    shut: () => ask('shut'),
    close: async () => {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [address, count] = [process.argv[2], Number(process.argv[3])];
  const [host, port] = address.split(':');
  let sockets = [];
  let bytes = 0;
  const stream = async (path) => {
    const socket = connect(Number(port), host);
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nhost: ${address}\r\naccept: text/event-stream\r\n\r\n`);
    await once(socket, 'data');
    socket.on('data', (data) => {
      bytes += data.length;
    });
  };
  process.on('message', async (what) => {
    if (what === 'open') {
      bytes = 0;
      await Promise.all(Array.from({ length: count }, () => PATHS.map(stream)).flat());
    } else {
      for (const socket of sockets) socket.destroy();
      sockets = [];
    }
    process.send(bytes);
  });
  process.once('disconnect', () => process.exit());
}
