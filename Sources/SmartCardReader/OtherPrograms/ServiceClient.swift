import Foundation
import Glibc

/// Another program that is connected to the PC/SC service.
public struct ServiceClient: Hashable, Sendable {
    /// The program's name, as the kernel keeps it (`/proc/PID/comm`).
    public let name: String
    /// Its process.
    public let process: Int32

    /// A client from its parts.
    public init(name: String, process: Int32) {
        self.name = name
        self.process = process
    }
}

extension ServiceClient {
    /// The other programs that are connected to pcscd now.
    ///
    /// PC/SC does not say who holds a card. Linux says whose sockets end at pcscd's, and whose sockets they are, for programs of
    /// the same user, or of all users to root.
    ///
    /// - Returns: nil when the system does not tell, or tells of none.
    static func others() -> [ServiceClient]? {
        guard let sockets = UnixSocketTable.peers(ofPathEnding: "/pcscd.comm"), !sockets.isEmpty else { return nil }
        let own = getpid()
        let clients = processes().filter { $0 != own && hasOpen(sockets, process: $0) }.compactMap { process in
            name(of: process).map { ServiceClient(name: $0, process: process) }
        }
        return clients.isEmpty ? nil : clients
    }

    private static func processes() -> [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }.sorted()
    }

    private static func hasOpen(_ sockets: Set<UInt32>, process: Int32) -> Bool {
        let folder = "/proc/\(process)/fd"
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).contains { descriptor in
            // "socket:[1305145]"
            guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + descriptor),
                link.hasPrefix("socket:["), let inode = UInt32(link.dropFirst(8).dropLast())
            else { return false }
            return sockets.contains(inode)
        }
    }

    private static func name(of process: Int32) -> String? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8) else { return nil }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
