import { useMemo } from 'react'
import { formatCount } from '../../../format/numbers.ts'
import { LEGEND, type Tone, toneOf } from '../../../parts/tone.ts'
import { useRun } from '../run-context.ts'
import styles from './overview.module.css'

/** How many nodes stand where. */
export function StatusSpread() {
  const { state, version, ordinal } = useRun()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the graph changes in place, so its version tells of changes
  const counts = useMemo(() => {
    const tones = new Map<Tone, number>()
    for (const node of state.graph.nodes.values())
      tones.set(toneOf(node.status), (tones.get(toneOf(node.status)) ?? 0) + 1)
    return tones
  }, [state, version, ordinal])
  const total = state.graph.nodes.size
  return (
    <section className={styles.card}>
      <h2>
        Nodes <span className="num faint">{formatCount(total)}</span>
      </h2>
      {total === 0 ? (
        <p className="dim">No node exists at this moment.</p>
      ) : (
        <>
          <div className={styles.spread} aria-hidden="true">
            {LEGEND.map(({ tone }) => {
              const count = counts.get(tone) ?? 0
              return count === 0 ? null : (
                <i key={tone} style={{ flexGrow: count, background: `var(--ao-${tone})` }} />
              )
            })}
          </div>
          <ul className={styles.legend}>
            {LEGEND.filter(({ tone }) => counts.has(tone)).map(({ tone, label }) => (
              <li key={tone}>
                <i style={{ background: `var(--ao-${tone})` }} />
                {label} <b className="num">{formatCount(counts.get(tone) ?? 0)}</b>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
