import { domainEvents } from '../../wire/events.js';
import { bootSource } from './boot-source.js';
import type { LabDomain } from './domain.js';
import { AgentEvent } from './events.js';
import { inGuestTime } from './plans.js';
import type { World } from './world.js';

/**
 * What a guest does after power-on or a reboot, each in its system's time: it asks for an address, then its
 * agent opens the channel. Nothing of this is told but the agent: a lease makes no event, as in libvirt. A machine
 * without a system does nothing; an installer, or one from the network, asks for an address and has no agent.
 */
export function boot(world: World, domain: LabDomain): void {
  const { os, agentInstalled } = domain.definition;
  domain.bootedAt = domain.guestSeconds(world.now());
  domain.console?.changed();
  const source = bootSource(world.storage, domain.definition);
  if (source === 'nothing') return;
  inGuestTime(world, domain, os.leaseAfter, () => {
    domain.hasLease = true;
    if (agentInstalled && source === 'installed') {
      inGuestTime(world, domain, os.agentAfter, () =>
        setAgent(world, domain, 'connected', AgentEvent.channel),
      );
    }
  });
}

/** The agent came or went; told to everybody. A domain without its channel has none. */
export function setAgent(
  world: World,
  domain: LabDomain,
  state: 'connected' | 'disconnected',
  reason: number,
): void {
  if (!domain.definition.agentChannel || domain.agent === state) return;
  domain.agent = state;
  world.tell(domainEvents.AGENT_LIFECYCLE, domain, { state: AgentEvent[state], reason });
}
