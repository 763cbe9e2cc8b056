/** Addresses and what they show. Views load when they are first opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { loaded } from '../parts/load-error.ts'
import { HomeView } from '../views/home/home-view.tsx'
import { ErrorScreen, NotFoundScreen } from './error-screen.tsx'
import { oneOf, parseSearch, positive, stringifySearch, textParam } from './search-params.ts'
import { Shell } from './shell.tsx'

export const RUN_TABS = ['overview', 'graph', 'timeline', 'events'] as const
export type RunTab = (typeof RUN_TABS)[number]

export interface HomeSearch {
  q?: string | undefined
  kind?: 'runs' | 'experiments' | undefined
  status?: 'running' | 'completed' | 'error' | undefined
}

export interface RunSearch {
  tab?: RunTab | undefined
  /** Ordinal that the time slider stands at; left out while it follows the live run. */
  at?: number | undefined
  node?: string | undefined
  /** Ordinal of the event whose content is open. */
  event?: number | undefined
  /** Event types with commas between. */
  type?: string | undefined
  /** Only events of this node. */
  of?: string | undefined
  q?: string | undefined
  order?: 'oldest' | undefined
  /** Nodes of the graph that are folded or unfolded unlike they are at first: their ids with commas between. */
  fold?: string | undefined
}

export interface ExperimentSearch {
  call?: string | undefined
  view?: 'input' | 'output' | 'compare' | 'miss' | undefined
  attempt?: string | undefined
}

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFoundScreen,
  errorComponent: ErrorScreen,
})

export const homeRoute = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: HomeView,
  validateSearch: (search): HomeSearch => ({
    q: textParam(search.q),
    kind: oneOf(search.kind, ['runs', 'experiments']),
    status: oneOf(search.status, ['running', 'completed', 'error']),
  }),
})

export const runRoute = createRoute({
  getParentRoute: () => root,
  path: '/runs/$runId',
  component: lazyRouteComponent(() => loaded(import('../views/run/run-view.tsx')), 'RunView'),
  validateSearch: (search): RunSearch => ({
    tab: oneOf(search.tab, RUN_TABS),
    at: positive(search.at),
    node: textParam(search.node),
    event: positive(search.event),
    type: textParam(search.type),
    of: textParam(search.of),
    q: textParam(search.q),
    order: oneOf(search.order, ['oldest']),
    fold: textParam(search.fold),
  }),
})

export const compareRoute = createRoute({
  getParentRoute: () => root,
  path: '/compare',
  component: lazyRouteComponent(() => loaded(import('../views/compare/compare-view.tsx')), 'CompareView'),
  validateSearch: (
    search,
  ): { left?: string | undefined; right?: string | undefined; node?: string | undefined } => ({
    left: textParam(search.left),
    right: textParam(search.right),
    node: textParam(search.node),
  }),
})

export const experimentRoute = createRoute({
  getParentRoute: () => root,
  path: '/experiments/$sessionId',
  component: lazyRouteComponent(
    () => loaded(import('../views/experiment/experiment-view.tsx')),
    'ExperimentView',
  ),
  validateSearch: (search): ExperimentSearch => ({
    call: textParam(search.call),
    view: oneOf(search.view, ['input', 'output', 'compare', 'miss']),
    attempt: textParam(search.attempt),
  }),
})

export const serverRoute = createRoute({
  getParentRoute: () => root,
  path: '/server',
  component: lazyRouteComponent(() => loaded(import('../views/server/server-view.tsx')), 'ServerView'),
})

export const router = createRouter({
  routeTree: root.addChildren([homeRoute, runRoute, compareRoute, experimentRoute, serverRoute]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  // Of each view, so that the frame around it stays.
  defaultErrorComponent: ErrorScreen,
  scrollRestoration: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
