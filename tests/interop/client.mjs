// Adds jobs and hears how they end: their return value, or {failedReason}.

import {Queue, QueueEvents} from 'bullmq6';

export class Client {
  static async open(socket, name) {
    const client = new Client();
    const connection = {path: socket, maxRetriesPerRequest: null};
    client.queue = new Queue(name, {connection});
    client.events = new QueueEvents(name, {connection});
    for (const each of [client.queue, client.events]) each.setMaxListeners(0); /* one for each job */
    await Promise.all([client.queue.waitUntilReady(), client.events.waitUntilReady()]);
    return client;
  }

  async run(data, opts) {
    const job = await this.queue.add('execute', data, opts);
    return job.waitUntilFinished(this.events).catch(({message}) => ({failedReason: message}));
  }

  async close() {
    await this.events.close();
    await this.queue.close();
  }
}
