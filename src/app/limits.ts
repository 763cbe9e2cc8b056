/** Every bound on something that grows (rule I7). Sizes in bytes, times in milliseconds, the rest counts. */
export const LIMITS = {
  /** One published event, and one line of an HTTP body. */
  eventBytesMax: 8 * 1024 * 1024,
  /** Events of one batch. */
  batchEventsMax: 1_000,
  /** Text of one batch, which holds at least one event. */
  batchBytesMax: 8 * 1024 * 1024,
  /** Batches on their way to the database at once, and how many of them may share a transaction. */
  batchesUnderWayMax: 8,
  batchesMergedMax: 4,
  /** How long nothing is written to a database that refused before it is tried again; sources that wait try more often. */
  storeProbeIntervalMs: 10_000,
  /** How long an event may wait for others before its batch is written. */
  batchDelayMsMax: 5,
  /** Text of HTTP events that wait for the writer; more is answered 503. */
  batcherBytesMax: 64 * 1024 * 1024,
  /** Published events whose ids are recognised when they come again (rule I3). */
  knownIdsMax: 100_000,
  /** Events that `/api/events` shows (specification, section 6.1), and their text, of which the newest event is always shown. */
  recentEventsMax: 200,
  recentEventsBytesMax: 64 * 1024 * 1024,
  /** Live run graphs kept in memory, and nodes or edges of one of them. */
  liveGraphsMax: 32,
  graphNodesMax: 100_000,
  graphEdgesMax: 200_000,
  /** Refused input that is kept, and the text kept of each. */
  rejectedRowsMax: 1_000,
  rejectedTextBytesMax: 4 * 1024,
  /** An HTTP body that has to be read whole: an array of events. */
  bodyBytesMax: 64 * 1024 * 1024,
  /** Rejections listed in the answer to one POST; all are counted. */
  rejectedListMax: 1_000,
  /** Reading a Redis stream. */
  redis: {
    connectMsMax: 5_000,
    /** How long past its own waiting time a command may leave the connection silent: a hung server looks to TCP like a quiet one. */
    answerMsMax: 5_000,
    /** How long one read waits for the next entry. */
    blockMs: 2_000,
    /** The wait before trying again, from the first failure to the last of many. */
    backOffMsMin: 100,
    backOffMsMax: 5_000,
    lagIntervalMs: 1_000,
  },
  /** Bytes waiting for one WebSocket client before it is closed. */
  subscriberQueueBytesMax: 8 * 1024 * 1024,
  /** One message from a WebSocket client of the event stream. */
  clientMessageBytesMax: 64 * 1024,
  pingIntervalMs: 25_000,
  /** Rows of one page of any list, and of one step of history, export or deletion. */
  pageRowsMax: 1_000,
  deleteStepRowsMax: 2_000,
  /** Stored ids that are copied at a time before a batch is compared with their run. */
  comparePartRowsMax: 2_000,
  /** Text of one page that is read for export or replay; a page holds at least one event. */
  pageTextMax: 1024 * 1024,
  /** How often it is looked whether old runs have to go. */
  retentionIntervalMs: 60_000,
  /** Events without an id of their own whose stored ids an import keeps in memory. */
  unnamedEventsMax: 200_000,
  /** Ended replays that can still be asked for. */
  replaysKeptMax: 50,
  /** How long a replay waits for slow clients at a time, and how often it tells how far it is. */
  replayDrainMsMax: 5_000,
  replayProgressMs: 100,
  subscribersMax: 10_000,
  /** One line of a runner or UI on TCP, and connections there. */
  lineBytesMax: 32 * 1024 * 1024,
  tcpConnectionsMax: 2_000,
  /** Runners, UIs and experiments. */
  runners: {
    /** The first line of a connection, and how long it may take. */
    handshakeBytesMax: 4 * 1024 * 1024,
    handshakeMsMax: 30_000,
    /** Lines that have begun and not ended, of all connections together, and how long one may stand still. */
    partialLinesBytesMax: 256 * 1024 * 1024,
    partialLineMsMax: 120_000,
    /** Messages that wait for one UI or runner beyond what its socket took, and how long it may take nothing. */
    outboxBytesMax: 64 * 1024 * 1024,
    outboxStallMsMax: 30_000,
    /** Messages of one page that wait to be handled. */
    uiMessagesMax: 1_000,
    /** The least time between two updates of one dataflow graph to UIs. */
    graphUpdateIntervalMs: 50,
    /** Updates of all dataflow graphs to all UIs. */
    graphBytesPerSecondMax: 128 * 1024 * 1024,
    /** How long changes of dataflow graphs and recorded calls wait for others before they are stored, and how many bytes may wait. */
    dataflowDelayMs: 20,
    dataflowQueueBytesMax: 64 * 1024 * 1024,
    /** Nodes and text of one dataflow graph. */
    dataflowNodesMax: 50_000,
    dataflowGraphBytesMax: 256 * 1024 * 1024,
    /** Text of all dataflow graphs in memory: above the first, those of finished sessions go; above the second, no node is added. */
    dataflowMemoryBytesMax: 128 * 1024 * 1024,
    dataflowMemoryBytesHardMax: 1024 * 1024 * 1024,
    /** How long a graph is quiet before the shared whole-graph column is written: so long, and as its bytes take at this pace. */
    topologyDelayMs: 1_000,
    topologyBytesPerSecond: 64 * 1024,
    /** Earlier attempts of an experiment that are kept. */
    attemptsMax: 20,
    /** Experiments in a list to UIs, the newest ones; and characters of an experiment's log. */
    listedExperimentsMax: 10_000,
    experimentLogCharactersMax: 1_000_000,
    /** The output of rerun programs that is kept before it is begun anew, for each experiment. */
    rerunLogBytesMax: 10 * 1024 * 1024,
    /** Cached calls that are compared to say why another missed, their largest input, and differences that are listed. */
    missCandidatesMax: 200,
    missCharactersMax: 1_000_000,
    missDifferencesMax: 100,
    /** A file that a runner noted, when a person looks at it. */
    attachedFileBytesMax: 32 * 1024 * 1024,
  },
  gateway: {
    /** A model request, and an answer without compression, that is recorded; larger ones pass through. */
    requestBytesMax: 64 * 1024 * 1024,
    answerBytesMax: 64 * 1024 * 1024,
    /** What is kept of other requests and answers, which are only shown. */
    shownBytesMax: 64 * 1024,
    /** Letters of an output in a node of the graph; above them the body that is kept for the cache is left out there. */
    shownBodyMax: 64 * 1024,
    /** Words of one input or output that are compared, of all outputs of a session, different ones in a session. */
    textWordsMax: 200_000,
    indexWordsMax: 2_000_000,
    vocabularyMax: 500_000,
    /** Programs recorded at once, subruns included. */
    sessionsMax: 1_000,
  },
  /** How long a recorded program waits for a server, and has to end when it is to run again. */
  recorder: { connectMsMax: 2_000, answerMsMax: 10_000, stopGraceMs: 5_000 },
  /** The log file, and how many there are with the rotated ones. */
  logFileBytesMax: 10 * 1024 * 1024,
  logFilesMax: 3,
} as const

/** The bounds of one server; {@link LIMITS} unless a test needs to reach one. */
export type Limits = Widened<typeof LIMITS>
type Widened<T> = { readonly [Name in keyof T]: T[Name] extends number ? number : Widened<T[Name]> }
