import CardCryptography
import IssuerKeys

/// Strings of the gateway in front of a hardware module.
extension FuzzTarget {
    /// A message that is read and written is read again as the same.
    static let hsmFlow = FuzzTarget(
        "hsm-flow", runs: 3_000, words: ["|", "||", "0000000000000000", "01|", "02|", "RKMFEF0C_990000", "0094", "|||"]
    ) { bytes in
        guard let business = try? HSMBusiness(bytes.span) else { return }
        let written = business.text.unprotectedCopy()
        let again = (try? HSMBusiness(written.span)).map { $0.text.unprotectedCopy() }
        try FuzzFinding.unless(again == written, "\(written) came back as \(again ?? [])")
    }
}
