/// What an access byte XY of an FMCOS-type card asks of a directory's security register (cos-dialects §2.2).
public enum AccessByte {
    /// Whether a register value meets the byte: Y ≤ register ≤ X, and everybody meets X0.
    ///
    /// Bytes on the master file's register (`0Y`, Y > 0) are not met here.
    public static func isMet(_ byte: UInt8, by register: UInt8) -> Bool {
        let (high, low) = (byte >> 4, byte & 0x0F)
        return high == 0 ? low == 0 : low <= register && register <= high
    }
}

extension DirectorySecurity {
    /// Every value that the register can be brought to from 0 by presenting keys other than the master, and the PIN when there
    /// is one.
    ///
    /// - Parameter pin: the PIN record that VERIFY finds in this directory; nil while there is no PIN.
    public func reachableStates(withPIN pin: KeyRecord?) -> Set<UInt8> {
        let records = keys.filter { $0.type == 0x39 && !$0.isMaster } + [pin].compactMap { $0 }
        var reached: Set<UInt8> = [0]
        while true {
            let next = records.filter { record in reached.contains { AccessByte.isMet(record.useRight, by: $0) } }
            let grown = reached.union(next.map { $0.reachedState })
            if grown == reached { return reached }
            reached = grown
        }
    }
}
