import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import { RotateCcw } from 'lucide-react'
import { useRun } from '../run-context.ts'
import { ReplayBar } from './replay-bar.tsx'
import { REPLAY_SPEEDS, useReplay } from './use-replay.ts'

/** Begins a replay of the run to everybody who watches the live stream, and shows how far it is. */
export function ReplayControl() {
  const { runId } = useRun()
  const replay = useReplay(runId)
  const running = replay.status?.state === 'running'
  return (
    <>
      {replay.status !== undefined && (
        <ReplayBar status={replay.status} end={replay.end} dismiss={replay.dismiss} />
      )}
      <Menu position="bottom-end" width={210} disabled={running}>
        <Menu.Target>
          <Tooltip label={running ? 'A replay runs' : 'Replay to all clients'}>
            <ActionIcon variant="default" size={28} aria-label="Replay to all clients" disabled={running}>
              <RotateCcw size={15} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Send the run again to all clients</Menu.Label>
          {REPLAY_SPEEDS.map((speed) => (
            <Menu.Item key={speed} onClick={() => void replay.begin(speed)}>
              {speed === 'max' ? 'Without pauses' : speed === 1 ? 'As it was' : `${speed} times as fast`}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
