// All that is in a Redis database, in a form that two of them can be compared in.

export const asHash = flat => readHash(Object.fromEntries(flat.flatMap((f, i) => (i % 2 ? [] : [[f, flat[i + 1]]]))));

function readHash(hash) {
  for (const field of ['opts', 'parent', 'pd']) if (hash[field]) hash[field] = readJson(hash[field]);
  return hash;
}

// What is no JSON stays text.
function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const readers = {
  string: [key => ['get', key], value => value],
  list: [key => ['lrange', key, 0, -1], ids => ids],
  set: [key => ['smembers', key], members => members.sort()],
  zset: [key => ['zrange', key, 0, -1, 'WITHSCORES'], flat => flat],
  hash: [key => ['hgetall', key], readHash],
  stream: [key => ['xrange', key, '-', '+'], entries => entries.map(([, fields]) => fields.join(' '))],
};

const pipelined = async (redis, commands) => (await redis.pipeline(commands).exec()).map(([error, reply]) => {
  if (error) throw error;
  return reply;
});

// {key: {value, expires}}; JSON is read, since the order of its members is nobody's business.
export async function everything(redis, pattern = 'bull:q:*') {
  const keys = (await redis.keys(pattern)).sort();
  const types = await pipelined(redis, keys.map(key => ['type', key]));
  const times = await pipelined(redis, keys.map(key => ['pttl', key]));
  const values = await pipelined(redis, keys.map((key, i) => readers[types[i]][0](key)));
  return Object.fromEntries(keys.map((key, i) =>
    [key, {value: readers[types[i]][1](values[i]), expires: times[i] > 0}]));
}
