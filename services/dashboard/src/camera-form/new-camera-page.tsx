import { createCamera } from '../api/cameras.ts';
import { useApp } from '../app-context.tsx';
import { displayNameOf } from '../live/cameras-state.ts';
import { CameraForm } from './camera-form.tsx';
import { createBodyOf, newCameraValues } from './form-values.ts';

export function NewCameraPage() {
  const { feed, navigation, announce } = useApp();
  return (
    <div className="form-page">
      <h1>Add camera</h1>
      <CameraForm
        initial={newCameraValues}
        camera={null}
        cancelTo={{ page: 'cameras' }}
        submitLabel="Add camera"
        save={async (values) => {
          const camera = await createCamera(createBodyOf(values));
          feed.dispatch({ type: 'saved', camera });
          navigation.go({ page: 'camera', id: camera.id }, { replace: true });
          announce(`${displayNameOf(camera)} added.`);
        }}
      />
    </div>
  );
}
