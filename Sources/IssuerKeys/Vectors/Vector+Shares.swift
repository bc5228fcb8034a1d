import CardCryptography

/// Vectors of divided secrets.
extension Vector {
    /// Shares of the published form; a case without a secret must be refused.
    func checkShares() throws(VectorFailure) {
        let mnemonics = try texts("mnemonics")
        let mustBeRefused = try bytes("secret").isEmpty
        let secret: [UInt8]
        do {
            let shares = try mnemonics.map { try SecretShare(words: Array($0.utf8).span) }
            secret = try SecretSharing.combine(shares, passphrase: Array("TREZOR".utf8)).unprotectedCopy()
        } catch {
            guard mustBeRefused else { throw .refused("\(error)") }
            return
        }
        if mustBeRefused { throw .accepted }
        try expect(secret, "secret")
    }
}
