/** The call before and after the last rerun, side by side. */
import { useQuery } from '@tanstack/react-query'
import type { DataflowGraphAnswer } from '../../../../src/wire/experiment-api.ts'
import { fetchDataflow } from '../../api/experiments.ts'
import { sentenceOf } from '../../api/http.ts'
import { DifferenceView } from '../../parts/code-view.tsx'
import { matchBefore } from './attempt-match.ts'
import styles from './experiment.module.css'
import { readShown } from './shown-text.ts'

type CallNode = DataflowGraphAnswer['nodes'][number]

interface BeforeAfterProps {
  experimentId: string
  graph: DataflowGraphAnswer
  node: CallNode
}

export function BeforeAfter({ experimentId, graph, node }: BeforeAfterProps) {
  const earlier = graph.attempt - 1
  const { data, error } = useQuery({
    queryKey: ['experiments', experimentId, 'graph', earlier],
    queryFn: () => fetchDataflow(experimentId, earlier),
    enabled: earlier > 0,
  })
  if (earlier < 1)
    return (
      <p className={styles.hint}>
        This is the first attempt. Edit a call and rerun; then both are shown here.
      </p>
    )
  if (data === undefined)
    return <p className={styles.hint}>{error === null ? 'Loading the attempt before' : sentenceOf(error)}</p>
  const before = matchBefore(data.nodes, graph.nodes).get(node.id)
  if (before === undefined) return <p className={styles.hint}>The attempt before had no such call.</p>
  return (
    <div className={styles.changes}>
      {(['input', 'output'] as const).map((field) => {
        const left = textOf(before[field])
        const right = textOf(node[field], before[field])
        return (
          <section key={field}>
            <h3>
              {field === 'input' ? 'Input' : 'Output'}{' '}
              <span className="faint">{left === right ? 'is the same' : 'changed'}</span>
            </h3>
            <DifferenceView
              left={left}
              right={right}
              language="json"
              leftLabel={`Attempt ${earlier}`}
              rightLabel={`Attempt ${graph.attempt}`}
              height={340}
            />
          </section>
        )
      })}
    </div>
  )
}

// internal

function textOf(value: unknown, like?: unknown): string {
  if (typeof value !== 'string') return ''
  return readShown(value, typeof like === 'string' ? like : undefined).text
}
