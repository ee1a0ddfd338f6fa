import { describe, expect, it } from 'vitest';
import type { HypervisorEvent } from '../../source/libvirt/events.js';
import { domainEvents, objectEvents } from '../../source/wire/events.js';
import { rejection } from '../wire/peer.js';
import { type Answers, by, FakeDaemon, No } from './fake-daemon.js';

const web = { name: 'web', uuid: '00000000-0000-0000-0000-000000000001', id: 4 };

describe('events', () => {
  const registers: Answers = {
    CONNECT_REGISTER_CLOSE_CALLBACK: {},
    CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY: by(({ eventID }: { eventID: number }) =>
      eventID === 18 ? new No(8, 'unsupported event ID 18') : { callbackID: eventID },
    ),
  };
  const started = { callbackID: 0, dom: web, event: 2, detail: 0 };

  it('read as what happened to which domain; unknown ones are left out', async () => {
    const daemon = new FakeDaemon(registers);
    const hypervisor = daemon.hypervisor();
    await hypervisor.subscribe();
    const heard: HypervisorEvent[] = [];
    const stop = hypervisor.onEvent((event) => heard.push(event));
    const { peer } = daemon;
    peer.event(domainEvents.LIFECYCLE, started);
    peer.event(domainEvents.LIFECYCLE, { ...started, event: 99 });
    peer.event(domainEvents.REBOOT, { callbackID: 0, dom: web });
    peer.event(domainEvents.BALLOON_CHANGE, { callbackID: 0, dom: web, actual: 2048 });
    peer.event(domainEvents.AGENT_LIFECYCLE, { callbackID: 0, dom: web, state: 2, reason: 0 });
    peer.event(domainEvents.METADATA_CHANGE, { callbackID: 0, dom: web, type: 1, nsuri: undefined });
    peer.event(domainEvents.IO_ERROR_REASON, {
      callbackID: 0,
      dom: web,
      srcPath: '/a',
      devAlias: 'vda',
      action: 1,
      reason: 'enospc',
    });
    await peer.sync();
    expect(heard).toEqual([
      { type: 'lifecycle', domain: web, event: 'started', detail: 'booted' },
      { type: 'reboot', domain: web },
      { type: 'balloon', domain: web, actual: 2048 },
      { type: 'agent', domain: web, connected: false },
      { type: 'metadata', domain: web },
      { type: 'io-error', domain: web, path: '/a', reason: 'enospc' },
    ]);
    stop();
    peer.event(domainEvents.LIFECYCLE, started);
    await peer.sync();
    expect(heard).toHaveLength(6);
  });

  it('reach every listener, also after one that throws', async () => {
    const daemon = new FakeDaemon(registers);
    const hypervisor = daemon.hypervisor();
    await hypervisor.subscribe();
    const heard: string[] = [];
    hypervisor.onEvent(() => {
      throw new Error('a mistake of a screen');
    });
    hypervisor.onEvent(({ type }) => heard.push(type));
    daemon.peer.event(domainEvents.LIFECYCLE, started);
    daemon.peer.event(domainEvents.REBOOT, { callbackID: 0, dom: web });
    await daemon.peer.sync();
    expect(heard).toEqual(['lifecycle', 'reboot']);
  });

  it('are not claimed to be there when the connection broke meanwhile', async () => {
    const daemon = new FakeDaemon({ CONNECT_REGISTER_CLOSE_CALLBACK: by(() => void daemon.peer.end()) });
    expect(await rejection(daemon.hypervisor().subscribe())).toMatchObject({ kind: 'closed' });
  });

  it('end the connection when the daemon loses its hypervisor, and say so to every call', async () => {
    const daemon = new FakeDaemon({ ...registers, CONNECT_GET_HOSTNAME: undefined });
    const hypervisor = daemon.hypervisor();
    await hypervisor.subscribe();
    const pending = rejection(hypervisor.hostInfo());
    daemon.peer.event(objectEvents.CONNECT_EVENT_CONNECTION_CLOSED, { reason: 2 });
    const reason = await hypervisor.closed;
    expect(reason).toMatchObject({ name: 'LibvirtError', kind: 'closed' });
    expect(reason?.message).toContain('lost its connection to the hypervisor');
    expect((await pending).message).toBe(reason?.message);
  });
});

describe('closing', () => {
  it('says goodbye first, and is no failure', async () => {
    const daemon = new FakeDaemon({ CONNECT_CLOSE: {} });
    const hypervisor = daemon.hypervisor();
    await hypervisor.close();
    expect(daemon.names).toEqual(['CONNECT_CLOSE']);
    expect(await hypervisor.closed).toBeUndefined();
    expect(await rejection(hypervisor.hostInfo())).toMatchObject({ name: 'LibvirtError', kind: 'closed' });
    await hypervisor.close();
  });

  it('works when the daemon is gone already, and then has a reason', async () => {
    const daemon = new FakeDaemon({});
    const hypervisor = daemon.hypervisor();
    daemon.peer.end();
    expect(await hypervisor.closed).toMatchObject({ kind: 'closed' });
    await hypervisor.close();
  });
});
