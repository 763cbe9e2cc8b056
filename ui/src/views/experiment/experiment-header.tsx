import { ActionIcon, Button, Menu, Select, TextInput, Tooltip, VisuallyHidden } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useNavigate } from '@tanstack/react-router'
import { Ellipsis, Eraser, Play, Trash2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { AttemptList, ExperimentSummary } from '../../../../src/wire/experiment-api.ts'
import { plural } from '../../format/text.ts'
import { formatClock } from '../../format/time.ts'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { Moment } from '../../parts/moment.tsx'
import { StatusBadge } from '../../parts/status.tsx'
import { choose, confirmThen } from './confirm.tsx'
import type { Draft, Drafts } from './drafts.ts'
import styles from './experiment.module.css'
import { countOf } from './use-drafts.ts'
import { useExperimentActions } from './use-experiment-actions.ts'

interface ExperimentHeaderProps {
  experiment: ExperimentSummary
  attempts: AttemptList['attempts']
  /** The earlier attempt that is shown; undefined for the current one. */
  shown: number | undefined
  calls: number | undefined
  drafts: Drafts
}

export function ExperimentHeader({ experiment, attempts, shown, calls, drafts }: ExperimentHeaderProps) {
  const actions = useExperimentActions(experiment.session_id)
  const navigate = useNavigate({ from: '/experiments/$sessionId' })
  const running = experiment.status === 'running'

  async function rerun(): Promise<void> {
    const answer = drafts.all().length === 0 ? 'without' : await askBeforeRerun(drafts)
    if (answer === undefined || answer === 'cancel') return
    if (answer === 'save' && !(await saveAll())) return
    await actions.rerun()
  }

  async function saveAll(): Promise<boolean> {
    for (const draft of drafts.all()) {
      const saved = await actions.save(drafts, draft)
      if (!saved.ok) showFault(draft, saved.error)
      if (!saved.ok || !saved.value) return false
    }
    return true
  }

  function showFault({ call, field }: Draft, message: string): void {
    notifications.show({ title: 'An edit cannot be saved', message, color: 'red', autoClose: 8_000 })
    void navigate({ search: { call, view: field } })
  }

  async function erase(): Promise<void> {
    if (await actions.erase()) drafts.clear()
  }

  async function remove(): Promise<void> {
    if (!(await actions.remove())) return
    drafts.clear()
    await navigate({ to: '/' })
  }

  return (
    <header className={styles.header}>
      <VisuallyHidden component="h1">{experiment.name}</VisuallyHidden>
      <div className={styles.top}>
        <StatusBadge status={experiment.status} />
        <NameInput name={experiment.name} save={(name) => actions.change({ name })} />
        <AttemptSelect attempts={attempts} current={experiment.attempt} shown={shown} />
        <Button
          size="compact-sm"
          leftSection={<Play size={13} />}
          loading={actions.busy}
          onClick={() => void rerun()}
          disabled={experiment.command === null && !running}
        >
          Rerun
        </Button>
        <Menu position="bottom-end" width={240}>
          <Menu.Target>
            <ActionIcon variant="default" size={28} aria-label="More">
              <Ellipsis size={15} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<Eraser size={14} />}
              onClick={() => confirmThen(ERASE, () => void erase())}
            >
              Erase the cache and rerun
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<Trash2 size={14} />}
              disabled={running}
              onClick={() => confirmThen(DELETE, () => void remove())}
            >
              Delete the experiment
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      <Facts
        experiment={experiment}
        calls={calls}
        started={attempts.find(({ attempt }) => attempt === shown)?.started_at ?? experiment.timestamp}
      />
    </header>
  )
}

// internal

const ERASE = {
  title: 'Erase the cached calls?',
  text: 'Every answer and edit of this experiment is forgotten, saved or not, then the program runs again and calls its models anew.',
  action: 'Erase and rerun',
}
const DELETE = {
  title: 'Delete this experiment?',
  text: 'Its graph, its cached calls, its edits and its subruns are deleted. This cannot be undone.',
  action: 'Delete',
}

function askBeforeRerun(drafts: Drafts): Promise<'save' | 'without' | 'cancel' | undefined> {
  const question = {
    title: countOf(drafts),
    text: 'A rerun uses what is saved; what is not saved stays in its editor.',
  }
  return choose(question, [
    { value: 'cancel', label: 'Cancel' },
    { value: 'without', label: 'Rerun without' },
    { value: 'save', label: 'Save and rerun', color: 'iris' },
  ])
}

interface FactsProps {
  experiment: ExperimentSummary
  calls: number | undefined
  /** Of the attempt that is shown. */
  started: string
}

function Facts({ experiment, calls, started }: FactsProps) {
  return (
    <div className={styles.facts}>
      <span>
        <span className="faint">Started</span> <Moment timestamp={started} />
      </span>
      {calls !== undefined && <span className="num">{plural(calls, 'LLM call')}</span>}
      {experiment.code_hash !== null && (
        <span>
          <span className="faint">Version</span> <span className="mono">{experiment.code_hash}</span>
        </span>
      )}
      <Path name="Folder" text={experiment.cwd} />
      <Path name="Command" text={experiment.command} />
    </div>
  )
}

function Path({ name, text }: { name: string; text: string | null }) {
  if (text === null || text === '') return null
  return (
    <span className={styles.path}>
      <span className="faint">{name}</span>
      <span className="mono cut" title={text}>
        {text}
      </span>
      <CopyIcon value={text} what={name.toLowerCase()} />
    </span>
  )
}

function NameInput({ name, save }: { name: string; save: (name: string) => Promise<void> }) {
  const [text, setText] = useState(name)
  useEffect(() => setText(name), [name])
  const done = (): void => {
    const next = text.trim()
    if (next === '' || next === name) setText(name)
    else void save(next)
  }
  return (
    <TextInput
      className={styles.name ?? ''}
      variant="unstyled"
      aria-label="Name of the experiment"
      dir="auto"
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={done}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur()
      }}
    />
  )
}

function AttemptSelect({
  attempts,
  current,
  shown,
}: {
  attempts: AttemptList['attempts']
  current: number
  shown: number | undefined
}) {
  const navigate = useNavigate({ from: '/experiments/$sessionId' })
  if (attempts.length < 2) return null
  return (
    <Tooltip label="Each rerun keeps the graph and the outputs of before">
      <Select
        size="xs"
        w={190}
        aria-label="Attempt"
        allowDeselect={false}
        value={String(shown ?? current)}
        data={attempts.map((item) => ({
          value: String(item.attempt),
          label: `Attempt ${item.attempt}${item.attempt === current ? ', now' : `, ${formatClock(Date.parse(item.started_at)).slice(0, 8)}`}`,
        }))}
        onChange={(value) =>
          void navigate({
            search: (before) => ({
              ...before,
              attempt: value === String(current) ? undefined : (value ?? undefined),
              call: undefined,
              view: undefined,
            }),
          })
        }
      />
    </Tooltip>
  )
}
