public import CardCryptography
public import CardData
import Foundation

/// The certificate that browsers are shown, the service's own or that of a terminator in front of it.
public struct ShownCertificate: Sendable {
    /// The certificates of the file.
    public let chain: CertificateChain
    /// The file.
    public let file: String

    /// Reads a file with certificates, PEM.
    ///
    /// Throws `transport.certificate-file`.
    public init(file: String) throws(Faults) {
        guard let bytes = FileManager.default.contents(atPath: file), let chain = CertificateChain(pem: Array(bytes))
        else { throw Faults("transport.certificate-file", ["path": file]) }
        self.chain = chain
        self.file = file
    }

    /// Until when it holds, as a day of UTC.
    public var endDay: String { Self.day(chain.end) }

    /// For how many whole days it still holds at a moment, in seconds since 1970; below 0 when it has ended.
    public func daysLeft(at now: Int64) -> Int64 { ((chain.end ?? .min / 2) - now) / 86_400 }

    /// Everything that keeps browsers from accepting it, as far as it shows in the file: order, time, names.
    ///
    /// - Parameters:
    ///   - names: the names and addresses that browsers call.
    ///   - now: the time, in seconds since 1970.
    public func faults(names: [String], at now: Int64) -> [Fault] {
        var faults: [Fault] = []
        if let place = chain.firstOutOfOrder {
            faults.append(Fault("transport.chain-order", ["path": file, "position": String(place)]))
        }
        if (chain.end ?? .min) < now {
            faults.append(Fault("transport.ended", ["path": file, "end": endDay]))
        }
        if (chain.begin ?? .max) > now {
            faults.append(Fault("transport.not-yet", ["path": file, "begin": Self.day(chain.begin)]))
        }
        for name in names where !chain.isFor(name) {
            faults.append(Fault("transport.name", ["path": file, "name": name]))
        }
        return faults
    }

    private static func day(_ seconds: Int64?) -> String {
        guard let seconds else { return "?" }
        return String(Date(timeIntervalSince1970: TimeInterval(seconds)).ISO8601Format().prefix(10))
    }
}
