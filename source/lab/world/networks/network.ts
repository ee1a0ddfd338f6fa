import type { NetworkDefinition } from './definition.js';

/** A virtual network: what it is at the moment, and what it will be at its next start. */
export class LabNetwork {
  /** The running network; absent while it is inactive. */
  live: NetworkDefinition | undefined;
  /** What is kept on disk; absent for a transient network. */
  config: NetworkDefinition | undefined;
  autostart = false;

  constructor(definition: NetworkDefinition, kept: 'persistent' | 'transient') {
    if (kept === 'persistent') this.config = definition;
    else this.live = definition;
  }

  /** What the network is as things stand; there is always one of the two. */
  get current(): NetworkDefinition {
    return (this.live ?? this.config) as NetworkDefinition;
  }

  get name(): string {
    return this.current.name;
  }

  get uuid(): string {
    return this.current.uuid;
  }

  get active(): boolean {
    return this.live !== undefined;
  }

  get persistent(): boolean {
    return this.config !== undefined;
  }

  get wire(): { name: string; uuid: string } {
    return { name: this.name, uuid: this.uuid };
  }
}
