import CardApplication
import CardCryptography
import ISO7816
import IssuerKeys

/// Protection under a key that everybody knows.
struct KnownKeyProtection: MessageProtection {
    let key: [UInt8]
    let form: LineProtection
    let cipher: CardCipher

    func protect(_ command: CommandAPDU, challenge: [UInt8]) throws(CardKeyError) -> CommandAPDU {
        guard let cla = ProtectedCommands.classByte(of: command) else { throw .serviceFailed("no protected form") }
        let isRead = ProtectedCommands.isRead(command)
        let content =
            isRead && form.mode == .encipheredWithMAC
            ? [UInt8(truncatingIfNeeded: command.expectedLength ?? 256)] : command.data
        do {
            let field = try form.protect(
                key.span, cipher: cipher, header: [cla, command.ins, command.p1, command.p2], plain: content.span,
                isRead: isRead, challenge: challenge)
            return try CommandAPDU(
                cla, command.ins, command.p1, command.p2, data: field,
                expectedLength: command.expectedLength.map {
                    $0 == 256 ? 256 : form.answerLength(plain: $0, cipher: cipher)
                })
        } catch {
            throw .serviceFailed("\(error)")
        }
    }

    func unprotect(
        _ answer: [UInt8], to command: CommandAPDU, challenge: [UInt8]
    ) throws(CardKeyError) -> [UInt8]? {
        try? form.unprotectAnswer(
            key.span, cipher: cipher, answer: answer, length: command.expectedLength, challenge: challenge)
    }
}
