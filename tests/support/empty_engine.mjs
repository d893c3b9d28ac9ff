// An engine that has no image: every sandbox is a failure of ours, told at once.

import {once} from 'node:events';
import {createServer} from 'node:http';

const answers = {
  version: {ApiVersion: '1.41', MinAPIVersion: '1.12'},
  info: {CgroupVersion: '1', CgroupDriver: 'cgroupfs', MemoryLimit: true, SwapLimit: true, PidsLimit: true,
    CpuCfsQuota: true, SecurityOptions: ['name=seccomp,profile=default']},
  json: [],
};

export async function startEmptyEngine(path) {
  const server = createServer((request, response) => {
    const answer = answers[/(\w+)(\?.*)?$/.exec(request.url)?.[1]];
    request.resume().on('end', () => {
      response.writeHead(answer ? 200 : 404, {'Content-Type': 'application/json', Connection: 'close'});
      response.end(JSON.stringify(answer ?? {message: 'No such image: nowhere'}));
    });
  });
  server.listen(path);
  await once(server, 'listening');
  return {path, stop: () => new Promise(resolve => server.close(resolve))};
}
