/** Whether a call came from the cache; if not, what differs from the nearest call that was there before it. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { CacheMiss, DataflowGraphAnswer } from '../../../../src/wire/experiment-api.ts'
import { fetchMiss } from '../../api/experiments.ts'
import { sentenceOf } from '../../api/http.ts'
import styles from './experiment.module.css'

interface CacheMissViewProps {
  experimentId: string
  graph: DataflowGraphAnswer
  node: DataflowGraphAnswer['nodes'][number]
}

export function CacheMissView({ experimentId, graph, node }: CacheMissViewProps) {
  // Known only where the recorder says it; what the cache holds now does not tell what it held then.
  const fromCache = node.cached === true
  const { data, error } = useQuery({
    queryKey: ['experiments', experimentId, 'miss', node.id],
    queryFn: () => fetchMiss(experimentId, node.id),
    enabled: !fromCache,
  })
  if (fromCache)
    return <p className={styles.hint}>This answer came from the cache: the model was not asked.</p>
  if (data === undefined)
    return (
      <p className={styles.hint}>{error === null ? 'Looking for the nearest call' : sentenceOf(error)}</p>
    )
  if (data.nearest === null)
    return (
      <p className={styles.hint}>
        No call of this experiment was cached before this one, so there is none to compare it with.
      </p>
    )
  const { similarity, differences, more } = data.nearest
  return (
    <div className={styles.changes}>
      <p className="dim">
        A call comes from the cache when its input is the same in every field. The nearest other call has{' '}
        {Math.round(similarity * 100)} % of its fields alike.{' '}
        <OpenNearest graph={graph} nearest={data.nearest} />
      </p>
      <table className={styles.misses}>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">There</th>
            <th scope="col">Here</th>
          </tr>
        </thead>
        <tbody>
          {differences.map((difference) => (
            <tr key={difference.path}>
              <th scope="row" className="mono">
                {difference.path}
              </th>
              <td>{difference.cached ?? <i className="faint">not there</i>}</td>
              <td>{difference.called ?? <i className="faint">not there</i>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {differences.length === 0 && <p className="dim">No field differs: the same call was made twice.</p>}
      {more && <p className="faint">More fields differ than are listed.</p>}
    </div>
  )
}

// internal

/** Leads to the nearest call: in the graph that is shown, else in the latest attempt that has it. */
function OpenNearest({
  graph,
  nearest,
}: {
  graph: DataflowGraphAnswer
  nearest: NonNullable<CacheMiss['nearest']>
}) {
  const navigate = useNavigate({ from: '/experiments/$sessionId' })
  const { node_id, attempt } = nearest
  const isHere = graph.nodes.some((node) => node.id === node_id)
  if (!isHere && attempt === null) return null
  const elsewhere = isHere || attempt === null ? {} : { attempt: String(attempt) }
  return (
    <button
      type="button"
      className={styles.textLink}
      onClick={() =>
        void navigate({
          search: (before) => ({ ...before, ...elsewhere, call: node_id, view: 'input' as const }),
        })
      }
    >
      {isHere ? 'Open it' : `Open it in attempt ${attempt}`}
    </button>
  )
}
