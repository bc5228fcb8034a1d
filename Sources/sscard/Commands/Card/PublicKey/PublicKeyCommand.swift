import ArgumentParser
import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Issuing

/// `sscard card public-key`: the SM2 key pair that a card of version 3.0 makes for itself.
struct PublicKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "public-key",
        abstract: "卡内公私钥 Make and use the SM2 key pair in the card; its private half never leaves.",
        discussion: "例 Example: sscard card public-key make",
        subcommands: [
            PublicKeyMakeCommand.self, PublicKeyShowCommand.self, PublicKeyRequestCommand.self,
            PublicKeySignCommand.self, PublicKeyVerifyCommand.self,
        ])
}

extension CardAccess {
    /// Runs `body` with the key pair of the card.
    ///
    /// - Parameter changing: whether it is changed, which nothing on record may stand against.
    func withKeyPair<Value: Sendable>(
        pin: PersonalIdentificationNumber? = nil, changing: Bool = false,
        _ body: @Sendable (CardPublicKey, CardConversation, CompiledCard) throws -> Value
    ) async throws -> Value {
        let site = try Site(self.site).acting(officers)
        let keys = try site.keys()
        return try await withCard { channel in
            let compiled = try kind(of: channel, site)
            if changing {
                let onlooker = try conversation(
                    ReadOnlyChannel(channel), compiled, site, CardPreparation.absentKeys, nil)
                try checkChangeable(onlooker, compiled, site)
                try channel.reset()
            }
            let conversation = try conversation(channel, compiled, site, keys, pin)
            return try conversation.explaining(of: compiled.layout) {
                try body(
                    CardPublicKey(conversation, compiled, pinLength: pin.map { ($0.count + 1) / 2 }), conversation,
                    compiled)
            }
        }
    }

    /// The holder's PIN; throws `card.pin-needed` where none was given.
    func holderPIN() throws -> PersonalIdentificationNumber {
        guard let pin = try pin?.presentedPIN() else { throw Faults("card.pin-needed") }
        return pin
    }
}

/// Under which identifier an SM2 signature is made.
struct SignerIdentifier: ParsableArguments {
    @Option(name: .customLong("identifier"), help: "签名者标识 The signer's identifier (GM/T 0009).")
    var text = "1234567812345678"

    /// Its bytes; throws `public-key.identifier`.
    var bytes: [UInt8] {
        get throws(Faults) {
            let bytes = Array(text.utf8)
            guard (1...64).contains(bytes.count), bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                throw Faults("public-key.identifier")
            }
            return bytes
        }
    }
}
