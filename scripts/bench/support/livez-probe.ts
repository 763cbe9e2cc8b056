/**
 * Asks `/livez` of the server in its first argument every few milliseconds, until its input ends, and prints how long each answer
 * took, in milliseconds, as JSON. A process of its own: whatever else a benchmark does at the time would hold up its clock, too.
 */
import { setTimeout as sleep } from 'node:timers/promises'

const PROBE_EVERY_MS = 5

const url = process.argv[2] ?? ''
const delays: number[] = []
let isDone = false
process.stdin.resume().once('end', () => {
  isDone = true
})
while (!isDone) {
  const begun = performance.now()
  await (await fetch(`${url}/livez`)).text()
  delays.push(performance.now() - begun)
  await sleep(PROBE_EVERY_MS)
}
console.log(JSON.stringify(delays))
