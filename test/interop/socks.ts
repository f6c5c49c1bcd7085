import { connect, type Socket } from 'node:net'

/** Opens a connection through a SOCKS5 proxy on loopback (RFC 1928); user and password choose tor's isolation or Vantage's perspective. */
export function connectSocks(proxyPort: number, host: string, port: number, user?: string, password = 'x', ms = 30_000): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: proxyPort })
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    const timer = setTimeout(() => fail(new Error('no answer from the SOCKS proxy')), ms)
    let wanted = 2
    let step: (reply: Buffer) => void = reply => {
      if (reply[1] === 0xff) fail(new Error('the SOCKS proxy takes no method of ours'))
      else if (reply[1] === 2) {
        const [name, word] = [Buffer.from(user ?? ''), Buffer.from(password)]
        socket.write(Buffer.concat([Buffer.of(1, name.length), name, Buffer.of(word.length), word]))
        wanted = 2
        step = request
      } else request()
    }
    const request = () => {
      const name = Buffer.from(host)
      socket.write(Buffer.concat([Buffer.of(5, 1, 0, 3, name.length), name, Buffer.of(port >> 8, port & 0xff)]))
      wanted = 5
      step = head
    }
    const head = (reply: Buffer) => {
      if (reply[1] !== 0) {
        fail(new Error(`SOCKS error ${reply[1]}`))
        return
      }
      // Of the bound address one byte has been read already: of a name, that was its length.
      wanted = reply[3] === 1 ? 5 : reply[3] === 4 ? 17 : reply[4]! + 2
      step = () => {
        clearTimeout(timer)
        socket.off('readable', onReadable)
        socket.off('error', fail)
        socket.off('close', onClose)
        resolve(socket)
      }
    }
    const onReadable = () => {
      for (let reply: Buffer | null; (reply = socket.read(wanted)); ) {
        step(reply)
        if (!socket.listeners('readable').includes(onReadable)) return
      }
    }
    const onClose = () => fail(new Error('the SOCKS proxy closed the connection'))
    socket.once('connect', () => socket.write(user === undefined ? Buffer.of(5, 1, 0) : Buffer.of(5, 1, 2)))
    socket.on('readable', onReadable)
    socket.on('error', fail)
    socket.on('close', onClose)
  })
}
