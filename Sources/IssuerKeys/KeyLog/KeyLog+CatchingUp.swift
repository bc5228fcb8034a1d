import CardCryptography

/// Taking note of what other programs have written, and ending what one that died has begun.
extension KeyLog {
    /// Takes note of what other processes have written meanwhile, under the lock of the file.
    static func catchUp(_ state: inout State, in folder: String) throws(KeyLogError) {
        let length = try state.file.length()
        guard length != state.length else { return }
        let path = state.file.path
        guard length > state.length else { throw .truncated(path) }
        let bytes = try state.file.read(state.length..<length)
        let taken = try state.replay.take(linesOf: bytes, path)
        state.length += taken
        try takeCurrentKey(&state, in: folder)
        try mend(&state, dropping: bytes.count - taken, in: folder)
    }

    /// Another process may have rolled the key over.
    private static func takeCurrentKey(_ state: inout State, in folder: String) throws(KeyLogError) {
        guard state.replay.key?.point != state.key.verificationKey.point else { return }
        let stored = try CheckpointKey.stored(as: state.replay.key, in: folder)
        state.key = try stored.open(state.lock)
        state.keyLiesOpen = stored.liesOpen
    }

    /// Ends what a program has begun that died over it, and holds no lock any more: a line, a start, a rollover.
    ///
    /// - Parameter count: so many bytes stand behind the last whole line.
    static func mend(_ state: inout State, dropping count: Int, in folder: String) throws(KeyLogError) {
        if count > 0 { try state.file.cut(to: state.length) }
        let time = state.replay.lastTime
        // behind a start or a rollover nothing stands but its checkpoint
        if state.replay.mustBeSigned { try finishRollover(time, &state, in: folder) }
        if count > 0 { try write(.recovered, [KeyLogEntry.Field("dropped", String(count))], time, &state) }
    }

    /// Signs with the key that the log names since its last entry, and puts the key in its place.
    static func finishRollover(_ time: UInt64, _ state: inout State, in folder: String) throws(KeyLogError) {
        try sign(time, &state)
        try state.file.makeDurable()
        // the last step last: until it is done, the next start takes all of them again
        try CheckpointKey.publish(state.key.verificationKey, in: folder)
        try CheckpointKey.promote(state.key.verificationKey, in: folder)
    }
}
