import type { StatefulDevice } from '@daily-co/daily-react';

interface Props {
  readonly label: string;
  readonly devices: readonly StatefulDevice[];
  readonly onChoose: (deviceId: string) => Promise<void>;
}

/** Nothing to choose from, nothing to see. */
export function DeviceSelect({ label, devices, onChoose }: Props) {
  if (devices.length === 0) return null;
  const current = devices.find((device) => device.selected)?.device.deviceId ?? '';
  return (
    <select aria-label={label} value={current} onChange={(event) => void onChoose(event.target.value)}>
      {devices.map(({ device }, index) => (
        <option key={device.deviceId} value={device.deviceId}>
          {device.label || `${label} ${index + 1}`}
        </option>
      ))}
    </select>
  );
}
