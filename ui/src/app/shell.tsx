/** The frame around every view: navigation, search, connection, theme. */
import {
  ActionIcon,
  Kbd,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { Activity, GitCompareArrows, Keyboard, ListTree, Moon, Search, Sun } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { loaded } from '../parts/load-error.ts'
import { ConnectionPill } from './connection-pill.tsx'
import { openPalette } from './palette-store.ts'
import styles from './shell.module.css'

const Palette = lazy(() => loaded(import('./palette.tsx')).then((file) => ({ default: file.Palette })))
const ShortcutHelp = lazy(() =>
  loaded(import('./shortcut-help.tsx')).then((file) => ({ default: file.ShortcutHelp })),
)

export function Shell() {
  const navigate = useNavigate()
  const { toggleColorScheme } = useMantineColorScheme()
  const [help, setHelp] = useState(false)
  useHotkeys([
    ['shift+?', () => setHelp(true)],
    ['shift+H', () => void navigate({ to: '/' })],
    ['shift+C', () => void navigate({ to: '/compare' })],
    ['shift+S', () => void navigate({ to: '/server' })],
    ['shift+T', () => toggleColorScheme()],
    ['/', focusSearch],
  ])
  // In text fields, too: no text comes of it.
  useHotkeys([['mod+K', openPalette]], [], true)
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <header className={styles.bar}>
        <Link to="/" className={styles.brand} aria-label="ao-server, all runs">
          <Mark />
          <span>ao</span>
        </Link>
        <nav className={styles.nav} aria-label="Views">
          <NavItem to="/" icon={<ListTree size={15} />} label="Runs" />
          <NavItem to="/compare" icon={<GitCompareArrows size={15} />} label="Compare" />
          <NavItem to="/server" icon={<Activity size={15} />} label="Server" />
        </nav>
        <UnstyledButton className={styles.search} onClick={openPalette}>
          <Search size={14} />
          <span>Go to run, node or command</span>
          <Kbd size="xs">Ctrl K</Kbd>
        </UnstyledButton>
        <div className={styles.tools}>
          <ConnectionPill />
          <ThemeButton />
          <Tooltip label="Keyboard shortcuts (?)">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label="Keyboard shortcuts"
              onClick={() => setHelp(true)}
            >
              <Keyboard size={16} />
            </ActionIcon>
          </Tooltip>
        </div>
      </header>
      <main className={styles.main} id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <Suspense>
        <Palette />
        {help && <ShortcutHelp close={() => setHelp(false)} />}
      </Suspense>
    </div>
  )
}

// internal

function NavItem({
  to,
  icon,
  label,
}: {
  to: '/' | '/compare' | '/server'
  icon: React.ReactNode
  label: string
}) {
  return (
    <Link to={to} className={styles.item} activeOptions={{ exact: to === '/', includeSearch: false }}>
      {icon}
      <span>{label}</span>
    </Link>
  )
}

function ThemeButton() {
  const { toggleColorScheme } = useMantineColorScheme()
  const dark = useComputedColorScheme('dark') === 'dark'
  const label = dark ? 'Light theme' : 'Dark theme'
  return (
    <Tooltip label={`${label} (shift T)`}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={() => toggleColorScheme()}>
        {dark ? <Sun size={16} /> : <Moon size={16} />}
      </ActionIcon>
    </Tooltip>
  )
}

function Mark() {
  return (
    <svg width="20" height="20" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--ao-accent-fill)" />
      <circle cx="10.5" cy="16" r="4.5" fill="none" stroke="#fff" strokeWidth="2.6" />
      <path d="M15 16h6.5" stroke="#c7d2fe" strokeWidth="2.6" strokeLinecap="round" />
      <circle cx="23.5" cy="16" r="2.6" fill="#fff" />
    </svg>
  )
}

function focusSearch(): void {
  document.querySelector<HTMLInputElement>('[data-search]')?.focus()
}
