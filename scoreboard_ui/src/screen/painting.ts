/** When pixels are on the screen: a message posted inside an animation frame is heard after that frame was painted. */

export function afterPaint(act: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    act();
  };
  port2.postMessage(null);
}
