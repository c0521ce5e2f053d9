/** What has the origin issue an id, or leaves a push to the queue, in networks that break. */
import t from 'tap';
import { breakCommands, type Command } from './faulty-commands.js';

const COMMANDS: readonly Command[] = [
  {
    argv: ['sync', 'push', '--queue'],
    again: ['sync', 'queue', 'run', '--force'],
    requests: ['push'],
    store: 'ahead',
    teammate: false,
    writes: true,
  },
  {
    argv: ['new-story', 'Three'],
    requests: ['issue_id', 'describe 2', 'push'],
    store: 'ahead',
    teammate: true,
    writes: true,
  },
  {
    argv: ['new-runbook', 'SYNC-001'],
    requests: ['issue_id'],
    store: 'ready',
    teammate: false,
    writes: true,
  },
];

await breakCommands(t, COMMANDS);
