/**
 * Follows a console's URL as noVNC's page does.
 *
 * @returns what the server of the screen says first, through nova's proxy.
 */
export function greetingAt(url: string): Promise<string> {
  const { host, searchParams } = new URL(url);
  const path = searchParams.get("path") ?? "";
  return new Promise((settle, reject) => {
    const socket = new WebSocket(`ws://${host}/${path.replace(/^\//, "")}`, "binary");
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      socket.close();
      settle(Buffer.from(data as ArrayBuffer).toString("latin1"));
    };
    socket.onerror = () => reject(new Error(`the proxy at ${host} closed the connection`));
  });
}
