// The HTTP half of what people run today: Express and BullMQ.
//
//   PORT REDIS_SOCKET QUEUE node api.mjs

import express from 'express';
import {Queue} from 'bullmq';
import {languages} from './languages.mjs';

const queue = new Queue(process.env.QUEUE ?? 'jobs',
  {connection: {path: process.env.REDIS_SOCKET, maxRetriesPerRequest: null}});
const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(express.json({limit: '256kb'}));

app.post('/v1/jobs', async (request, response) => {
  const {language, code, priority, timeoutMs = 3000, metadata} = request.body ?? {};
  if (!Object.hasOwn(languages, language ?? '')) return response.status(400).json({error: 'no such language'});
  if (typeof code !== 'string' || !code.length || code.length > 131072)
    return response.status(400).json({error: 'code must be a text'});
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 15000)
    return response.status(400).json({error: 'timeoutMs must be from 1 to 15000'});
  const job = await queue.add('execute', {language, code, timeoutMs, metadata}, {
    priority, attempts: 3, backoff: {type: 'exponential', delay: 1000},
    removeOnComplete: {age: 3600}, removeOnFail: {age: 86400},
  });
  return response.status(202).location(`/v1/jobs/${job.id}`).json({jobId: job.id, status: 'queued'});
});

app.get('/v1/jobs/:id', async (request, response) => {
  const job = await queue.getJob(request.params.id);
  if (!job) return response.status(404).json({error: 'no such job'});
  const state = await job.getState();
  if (state === 'completed') return response.json(job.returnvalue);
  if (state === 'failed') return response.json({status: 'failed', error: job.failedReason});
  return response.json({status: state === 'active' ? 'running' : 'queued'});
});

await queue.waitUntilReady();
const server = app.listen(Number(process.env.PORT), '127.0.0.1', () =>
  console.log(`listening on ${server.address().port}`));
process.on('SIGTERM', () => process.exit(0));
