import { useDeferredValue, useMemo } from 'react'
import { type NodeCost, nodeCosts, topNodes } from '../../../fold/node-costs.ts'
import { formatMs, formatTokens } from '../../../format/numbers.ts'
import { shortId } from '../../../format/text.ts'
import { useRun } from '../run-context.ts'
import styles from './overview.module.css'

const COUNT = 6

export function CostlyNodes() {
  const { log, version } = useRun()
  const ordinal = useDeferredValue(useRun().ordinal)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the log changes in place, so its version tells of changes
  const costs = useMemo(() => nodeCosts(log.spans, ordinal), [log, version, ordinal])
  return (
    <>
      <Ranking title="Slowest nodes" nodes={topNodes(costs, 'ms', COUNT)} measure="ms" />
      <Ranking title="Costliest nodes" nodes={topNodes(costs, 'tokens', COUNT)} measure="tokens" />
    </>
  )
}

// internal

function Ranking({ title, nodes, measure }: { title: string; nodes: NodeCost[]; measure: 'ms' | 'tokens' }) {
  const { state, openNode } = useRun()
  const most = nodes[0]?.[measure] ?? 1
  return (
    <section className={styles.card}>
      <h2>{title}</h2>
      {nodes.length === 0 && <p className="dim">Nothing was measured up to this moment.</p>}
      {nodes.map((cost) => {
        const node = state.graph.nodes.get(cost.node)
        return (
          <button
            key={cost.node}
            type="button"
            className={styles.bar}
            onClick={() => openNode(cost.node)}
            title={node?.goal ?? cost.node}
          >
            <i style={{ width: `${(100 * cost[measure]) / most}%` }} data-measure={measure} />
            <span className="mono dim">{node === undefined ? shortId(cost.node) : node.nid || 'root'}</span>
            <span className="cut" dir="auto">
              {node?.goal ?? ''}
            </span>
            <b className="num">{measure === 'ms' ? formatMs(cost.ms) : `${formatTokens(cost.tokens)} tok`}</b>
          </button>
        )
      })}
    </section>
  )
}
