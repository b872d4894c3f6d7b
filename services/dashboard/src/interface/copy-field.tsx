import { useEffect, useRef, useState } from 'react';
import { useApp } from '../app-context.tsx';
import { Icon } from './icon.tsx';

export function CopyField({ label, value }: { label: string; value: string }) {
  const { announce } = useApp();
  const [copied, setCopied] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      announce(`${label} copied.`);
    } catch {
      // The clipboard API needs HTTPS.
      input.current?.select();
      announce('Text selected. Press Ctrl+C to copy it.');
    }
  };
  return (
    <div className="copy-field">
      <label>
        <span>{label}</span>
        <input ref={input} readOnly value={value} onFocus={(event) => event.target.select()} />
      </label>
      <button
        type="button"
        className="button icon-button"
        onClick={() => void copy()}
        aria-label={`Copy ${label}`}
      >
        <Icon name={copied ? 'check' : 'copy'} />
      </button>
    </div>
  );
}
