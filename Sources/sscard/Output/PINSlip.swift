import CardCryptography
import CardData
import Foundation
import Glibc
import Issuing

/// How a generated PIN reaches its holder: a file that only its owner can read, never a screen.
enum PINSlip {
    /// Where the slip of a card lies; the folder is made when it is not there.
    static func path(in dataFolder: String, for number: CardNumber) throws(Faults) -> String {
        let folder = dataFolder + "/pin-slips"
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw Faults("tool.slip", ["path": folder]) }
        return "\(folder)/\(number.text).txt"
    }

    /// Where the slip of a new PIN lies until the card has it: beside its place, under another name.
    static func pendingPath(in dataFolder: String, for name: String) throws(Faults) -> String {
        let folder = dataFolder + "/pin-slips"
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw Faults("tool.slip", ["path": folder]) }
        return "\(folder)/\(name).new.txt"
    }

    /// Takes the slip of a new PIN to its place, over that of the old one.
    static func settle(_ pending: String) throws(Faults) -> String {
        let path = String(pending.dropLast(".new.txt".count)) + ".txt"
        guard rename(pending, path) == 0 else { throw Faults("tool.slip", ["path": path]) }
        return path
    }

    /// Writes the slip and waits until the disk has it, since afterwards nothing else knows the PIN.
    static func write(_ card: IssuedCard, to path: String) throws(Faults) {
        try write(card.pin, of: card.number.printed, called: "初始密码", to: path)
    }

    /// Writes the slip of a PIN and waits until the disk has it.
    static func write(
        _ pin: PersonalIdentificationNumber, of card: String, called title: String, to path: String
    ) throws(Faults) {
        let text = pin.withDigits { digits in
            "卡号 \(card)\n\(title) \(String(decoding: digits, as: UTF8.self))\n请立即修改密码，阅后销毁。\n"
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Faults("tool.slip", ["path": path]) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw Faults("tool.slip", ["path": path])
        }
    }
}
