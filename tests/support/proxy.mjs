// A door between a worker and its engine, on which a test can listen: it sees each call and each
// mark of the launcher, and may do something before the worker hears of it.

import {connect, createServer} from 'node:net';
import {once} from 'node:events';

// `heard` is called with 'create', 'attach', 'start', 'info' ... when the engine has answered such
// a call, and with 'ready', 'begun', 'ended' when the launcher has said so; the worker gets those
// bytes afterwards.
export async function startProxy(path, engine, heard) {
  const sockets = new Set();
  const server = createServer(client => {
    const upstream = connect(engine);
    let call;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => { client.destroy(); upstream.destroy(); });
    }
    client.on('data', bytes => {
      call = /^[A-Z]+ \S*?\/(create|attach|start|info|json|kill)\b/.exec(bytes.toString('latin1'))?.[1] ?? call;
      upstream.write(bytes);
    });
    upstream.on('data', bytes => {
      const text = bytes.toString('latin1');
      if (text.startsWith('HTTP/')) heard(call);
      if (call === 'attach' && /(^|[^\n])R\n/.test(text)) heard('ready');
      if (/\x01\0{3}[^]{4}B\n/.test(text)) heard('begun'); // a frame of stdout that begins so
      if (/[0-9a-f]{32} E \d+\n/.test(text)) heard('ended');
      client.write(bytes);
    });
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    stop() {
      for (const socket of sockets) socket.destroy();
      return new Promise(resolve => server.close(resolve));
    },
  };
}
