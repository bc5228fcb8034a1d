public import CardData

extension CounterConfiguration {
    /// Whether browsers reach the service over TLS alone, its own or a terminator's.
    var isReachedByTLS: Bool { transport != nil || isBehindTLS }

    /// The name of the cookie of a session.
    ///
    /// Browsers send cookies to every port of a machine: a counter for practice beside the real one has a name of its own. Over TLS the
    /// name is one that no other machine of the domain can set (RFC 6265bis, §4.1.3.2).
    var sessionCookie: String {
        (isReachedByTLS ? "__Host-" : "") + (isTraining ? "sscard-practice" : "sscard-session")
    }

    /// The names and addresses that browsers call: the public names, else the address that is listened at.
    var calledNames: [String] {
        publicNames.isEmpty && host != Self.everyAddress ? [host] : publicNames
    }

    /// Stands for every address of the machine.
    static let everyAddress = "0.0.0.0"

    /// Where a browser goes to.
    public func address(port: Int) -> String {
        let name = publicNames.first.flatMap { transport == nil ? nil : $0 } ?? host
        return "\(transport == nil ? "http" : "https")://\(name):\(port)/"
    }

    /// The service's own certificate, its private key looked at as well; nil where it speaks no TLS.
    ///
    /// - Parameter now: the time, in seconds since 1970.
    /// - Throws: everything that is wrong with either, `transport`.
    public func ownCertificate(at now: Int64) throws(Faults) -> ShownCertificate? {
        guard let transport else { return nil }
        return try ServerIdentity(transport, names: calledNames, at: now).shown
    }

    /// The certificate of the terminator in front; nil where the configuration names none.
    ///
    /// - Parameter now: the time, in seconds since 1970.
    /// - Throws: everything that is wrong with it, `transport`.
    public func terminatorCertificate(at now: Int64) throws(Faults) -> ShownCertificate? {
        guard let terminatorCertificateFile else { return nil }
        let shown = try ShownCertificate(file: terminatorCertificateFile)
        var faults = FaultCollector()
        shown.faults(names: publicNames, at: now).forEach { faults.add($0) }
        try faults.check()
        return shown
    }
}
