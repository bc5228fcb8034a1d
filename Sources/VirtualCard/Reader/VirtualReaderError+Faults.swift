public import CardData
import Glibc

extension VirtualReaderError: FaultReporting {
    /// The one fault, in the terms of the message catalogue (`messages-reader.yaml`).
    public var faults: [Fault] {
        switch self {
        case .unreachable(let host, let port, let reason):
            [Fault("virtual-reader.unreachable", ["place": "\(host):\(port)", "reason": text(reason)])]
        case .unknownHost(let host): [Fault("virtual-reader.unknown-host", ["place": host])]
        case .broken(let reason): [Fault("virtual-reader.broken", ["reason": text(reason)])]
        }
    }

    /// glibc keeps the text of each thread apart.
    private func text(_ reason: Int32) -> String { strerror(reason).map { String(cString: $0) } ?? String(reason) }
}
