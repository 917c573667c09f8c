// The README's table of clients, from the figures that `pnpm bench` wrote.

/** @typedef {{ name: string, runs: number, figures: { wallMs: { median: number } } }} Row */
/** @typedef {{ result: { id: string, rows: Row[] }, machine: { date: string, processors: string } }} Measurement */

const columns = [
  { id: 'a', title: 'one file of 2 GiB' },
  { id: 'h', title: 'the same over TLS' },
  { id: 'b', title: 'eight of 256 MiB' },
  { id: 'c', title: '512 MiB, each connection held to 30 MB/s' },
  { id: 'd', title: '2,200 small files, 20 ms away' },
  { id: 'e', title: 'the same again, cached' },
]

/** Each client by what its rows begin with. A row that also hashes is another client. */
const clients = [
  { title: '**hfx**, as it comes, SHA-256 verified', begins: 'hfx', first: true },
  { title: 'curl', begins: 'curl' },
  { title: 'wget', begins: 'wget' },
  { title: 'aria2', begins: 'aria2c' },
  { title: 'aria2, SHA-256 verified', begins: 'aria2c', checked: true },
  { title: '@huggingface/hub', begins: '@huggingface/hub' },
  { title: 'ipull', begins: 'ipull' },
]

/**
 * Seconds of the best way of each client, of hfx the one without options, case by case; a dash where it was not measured or cannot do it.
 * @param {readonly Measurement[]} measured
 */
export function renderPeers(measured) {
  const shown = columns.filter(({ id }) => measured.some(({ result }) => result.id === id))
  const lines = clients.map(
    (client) =>
      `| ${[client.title, ...shown.map(({ id }) => secondsOf(measured, id, client))].join(' | ')} |`,
  )
  const where = [
    ...new Set(measured.map(({ machine }) => `${machine.processors}, ${machine.date}`)),
  ]
  return [
    `| wall time | ${shown.map(({ title }) => title).join(' | ')} |`,
    `| --- ${'| ---: '.repeat(shown.length)}|`,
    ...lines,
    '',
    `Medians on ${where.join('; ')}. Clients and servers share the machine: compare the rows, not the seconds. [How it is measured, ranges, memory, requests, missed targets](docs/benchmarks.md).`,
  ].join('\n')
}

/**
 * @param {readonly Measurement[]} measured
 * @param {string} id
 * @param {{ begins: string, checked?: boolean, first?: boolean }} client
 */
function secondsOf(measured, id, { begins, checked = false, first = false }) {
  const rows = measured.find(({ result }) => result.id === id)?.result.rows ?? []
  const times = rows
    .filter(
      ({ name, runs }) => runs > 0 && name.startsWith(begins) && /sha256/.test(name) === checked,
    )
    .map(({ figures }) => figures.wallMs.median)
  const best = first ? times[0] : Math.min(...times)
  return times.length === 0 ? '–' : `${((best ?? 0) / 1000).toFixed(2)} s`
}
