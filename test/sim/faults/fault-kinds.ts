import { cameraFaults } from './camera-faults.ts';
import { configFaults } from './config-faults.ts';
import type { FaultKind } from './fault-kind.ts';
import { networkFaults } from './network-faults.ts';
import { processFaults } from './process-faults.ts';

export const faultKinds: readonly FaultKind[] = [...processFaults, ...networkFaults, ...cameraFaults, ...configFaults];
