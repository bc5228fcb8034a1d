public import CardCryptography

/// One person's signature under one request.
public struct Approval: Hashable, Sendable {
    /// Who approves, by the name that ``ApprovingOfficers`` know.
    public let officer: String
    /// The digest of the request, 32 bytes.
    public let digest: [UInt8]
    /// SM2 over SM3 with the officer's name as identifier: r ‖ s, 64 bytes.
    public let signature: [UInt8]

    /// An approval from its parts; nothing is believed of it before ``ApprovedRequest`` has checked it.
    public init(officer: String, digest: [UInt8], signature: [UInt8]) {
        self.officer = officer
        self.digest = digest
        self.signature = signature
    }

    /// Approves a request.
    public init(of request: ApprovalRequest, by officer: String, key: SM2.SigningKey) throws(ApprovalError) {
        let digest = try request.digest
        let signature: [UInt8]
        do {
            signature = try key.sign(Self.message(digest), identifier: Array(officer.utf8))
        } catch {
            throw .cryptography("\(error)")
        }
        self.init(officer: officer, digest: digest, signature: signature)
    }

    /// What is signed: a text that no other signature of this house begins with, then the digest.
    static func message(_ digest: [UInt8]) -> [UInt8] { Array("sscard-approval-1 signature".utf8) + digest }

    func isSigned(by key: SM2.VerificationKey) throws(ApprovalError) -> Bool {
        guard signature.count == 64 else { return false }
        do {
            return try key.verify(signature, of: Self.message(digest), identifier: Array(officer.utf8))
        } catch {
            throw .cryptography("\(error)")
        }
    }
}
