import type { Volume } from '../../../inventory/object-types.js';
import type { SafeText } from '../../../text/safe.js';
import { spaces } from '../../../text/width.js';
import type { Binding } from '../../kit/binding.js';
import { drawFacts } from '../../kit/facts.js';
import { drawFrame } from '../../kit/frame.js';
import type { Pane } from '../../kit/pane.js';
import { ScrollView } from '../../kit/scrolling.js';
import type { Size } from '../../kit/size.js';
import { drawXml, xmlLines } from '../../kit/xml-view.js';
import { backBinding, screenHints } from '../../services/keys.js';
import { connectionOf } from '../../services/live-connection.js';
import { type PoolPlace, poolOf, watchPool } from './storage-data.js';
import { volumeFacts } from './volume-facts.js';

/** All there is to know of one volume: facts, then its XML. */
export class VolumePane implements Pane {
  readonly #place: PoolPlace;
  readonly #name: string;
  readonly #view = new ScrollView();
  #stops: readonly (() => void)[] = [];

  constructor(place: PoolPlace, name: string) {
    this.#place = place;
    this.#name = name;
  }

  readonly gone = (): boolean => {
    const listing = poolOf(this.#place)?.volumes;
    if (connectionOf(this.#place) === undefined) return true;
    return listing?.state === 'ready' && this.#volume() === undefined;
  };

  readonly bindings = (): readonly Binding[] => [this.#view.binding(), backBinding(this.#place.host)];

  readonly shown = (visible: boolean): void => {
    for (const stop of this.#stops) stop();
    this.#stops = visible ? watchPool(this.#place) : [];
  };

  draw(size: Size): readonly SafeText[] {
    const { host } = this.#place;
    const { look } = host;
    const cells = size.columns;
    return drawFrame(host, size, {
      title: () => look.line([[this.#name, 'title'], [`   in ${poolOf(this.#place)?.name ?? ''}`]], cells),
      body: ({ rows }) => this.#view.show(this.#lines(cells), rows),
      keys: screenHints(this.bindings(), look),
    });
  }

  readonly read = (): void => {
    const { host, connectionId, uuid } = this.#place;
    host.inventory.wantVolumes(connectionId, uuid, [this.#name]);
    host.volumeUsers(connectionId).read();
  };

  #lines(cells: number): SafeText[] {
    const { look } = this.#place.host;
    const volume = this.#volume();
    if (volume === undefined) return [look.line([['The volume is not here yet.']], cells)];
    const facts = drawFacts(
      volumeFacts(volume, this.#place.host.volumeUsers(this.#place.connectionId).use),
      cells,
      look,
    );
    if (volume.xml === undefined) return facts;
    return [...facts, spaces(cells), ...drawXml(xmlLines(volume.xml.trimEnd(), look), '', cells, look)];
  }

  #volume(): Volume | undefined {
    return poolOf(this.#place)?.volumes.items.find(({ name }) => name === this.#name);
  }
}
