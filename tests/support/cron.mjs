// Cron patterns to try: random ones, in zones and at times where clocks are set.

// Of hours that are left out or repeated: none; at two and at three; at midnight.
export const zones = ['UTC', 'Asia/Kolkata', 'Europe/Berlin', 'Europe/London', 'America/New_York',
  'America/Los_Angeles', 'Australia/Sydney', 'Pacific/Auckland', 'America/Havana', 'America/Santiago'];

const DAY = 86400000;
const bounds = [[0, 59], [0, 59], [0, 23], [1, 31], [1, 12], [0, 7]];
const months = ['JAN', 'feb', 'Mar', 'APR', 'may', 'Jun', 'JUL', 'aug', 'Sep', 'OCT', 'nov', 'Dec'];
const weekdays = ['SUN', 'mon', 'Tue', 'WED', 'thu', 'Fri', 'SAT'];

// The same numbers for the same seed (mulberry32).
function generator(seed) {
  let state = seed;
  return below => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function patterns(random) {
  const pick = list => list[random(list.length)];
  const value = field => bounds[field][0] + random(bounds[field][1] - bounds[field][0] + 1);
  const word = (field, number) => (random(4) ? undefined : {4: months[number - 1], 5: weekdays[number]}[field])
    ?? String(number);
  const range = field => {
    const [first, last] = [value(field), value(field)].sort((a, b) => a - b);
    return `${word(field, first)}-${word(field, last)}${random(3) ? '' : `/${1 + random(7)}`}`;
  };
  const item = field => pick([
    () => range(field),
    () => `*/${1 + random(bounds[field][1])}`,
    () => `${value(field)}/${1 + random(10)}`,
    () => word(field, value(field)),
    () => word(field, value(field)),
  ])();
  const special = {3: () => 'L', 5: () => pick([`${value(5)}L`, `${value(5)}#${1 + random(5)}`])};
  const field = number => {
    if (random(10) < (number < 3 ? 3 : 6)) return pick(['*', '*', '*', '?']);
    if (special[number] && !random(3)) return special[number]();
    return Array.from({length: random(3) ? 1 : 2}, () => item(number)).join(',');
  };
  return () => [0, 1, 2, 3, 4, 5].slice(random(3) ? 1 : 0).map(field).join(' ');
}

// When clocks are set in these years.
function changes(zone, from, to) {
  const clocks = new Intl.DateTimeFormat('en', {timeZone: zone, timeZoneName: 'longOffset'});
  const offset = at => clocks.format(at).split('GMT')[1];
  const found = [];
  for (let day = Date.UTC(from); day < Date.UTC(to); day += DAY) {
    let [before, after] = [day, day + DAY];
    if (offset(before) === offset(after)) continue;
    while (after - before > 1000) {
      const middle = Math.floor((before + after) / 2000) * 1000;
      if (offset(middle) === offset(before)) before = middle;
      else after = middle;
    }
    found.push(after);
  }
  return found;
}

// `count` rows {pattern, zone, after}: anywhere in these years, and every other one near a change.
export function* rows(seed, count, from, to) {
  const random = generator(seed);
  const pattern = patterns(random);
  const changed = Object.fromEntries(zones.map(zone => [zone, changes(zone, from, to)]));
  for (let i = 0; i < count; i++) {
    const zone = zones[random(zones.length)];
    const near = changed[zone][random(changed[zone].length)];
    const after = near && random(2)
      ? near + (random(2) ? (random(8 * 3600) - 5 * 3600) * 1000 : (random(9) - 5) * 1800000)
      : Date.UTC(from) + random((to - from) * 365) * DAY + random(DAY);
    yield {pattern: pattern(), zone, after};
  }
}
