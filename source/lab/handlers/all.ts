import type { HandlerTable } from '../server/handler.js';
import { connection } from './connection.js';
import { domainConsole } from './domain-console.js';
import { domainDefinition } from './domain-definition.js';
import { domainGuest } from './domain-guest.js';
import { domainLookup } from './domain-lookup.js';
import { domainPower } from './domain-power.js';
import { domainSettings } from './domain-settings.js';
import { events } from './events.js';
import { host } from './host.js';
import { jobs } from './jobs.js';
import { lists } from './lists.js';
import { networks } from './networks.js';
import { storagePools } from './storage-pools.js';
import { storageVolumes } from './storage-volumes.js';

/** Every subject that the simulated host knows; a new one is a new table here. */
export const handlerTables: readonly HandlerTable[] = [
  connection,
  host,
  lists,
  domainLookup,
  domainPower,
  domainDefinition,
  domainSettings,
  domainGuest,
  domainConsole,
  jobs,
  events,
  networks,
  storagePools,
  storageVolumes,
];
