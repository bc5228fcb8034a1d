import ByteText
import CardCryptography
import ISO7816

/// The conversation with one PSAM; used by one thread at a time.
final class PSAMModule {
    let dialect: PSAMDialect
    private let channel: TransportChannel
    /// The version byte.
    private(set) var version: UInt8 = 0
    /// The area code of its keys; nil on a module without keys.
    private(set) var area: String?
    private var keyFile: UInt16?

    /// Reads the version, selects the application and reads the keys' area; throws `notAModule` where there is no application.
    init(_ channel: any CardChannel, _ dialect: PSAMDialect) throws(CardKeyError) {
        self.channel = TransportChannel(channel)
        self.dialect = dialect
        try open()
    }

    /// Selects the application again: the module has lost what was selected.
    func open() throws(CardKeyError) {
        _ = try? select(0x3F00)
        if let information = try? read(dialect.versionFile), information.indices.contains(dialect.versionOffset) {
            version = information[dialect.versionOffset]
        }
        guard try send(0x00, 0xA4, 0x04, 0x00, dialect.application).statusWord.isSuccess else {
            throw .module(.notAModule)
        }
        keyFile = nil
        area = try area(read(dialect.areaFile))
    }

    private func area(_ bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes.prefix(6), as: UTF8.self)
        return AreaFactor.isAreaCode(text) ? text : nil
    }

    // MARK: - Commands

    func send(
        _ cla: UInt8, _ ins: UInt8, _ p1: UInt8, _ p2: UInt8, _ data: [UInt8] = [], expecting length: Int? = nil
    ) throws(CardKeyError) -> ResponseAPDU {
        guard let command = try? CommandAPDU(cla, ins, p1, p2, data: data, expectedLength: length) else {
            throw .wrongLength("command", data.count)
        }
        return try transmit(command)
    }

    func transmit(_ command: CommandAPDU) throws(CardKeyError) -> ResponseAPDU {
        do throws(CardChannelError) {
            return try channel.transmit(command)
        } catch {
            throw .module(.gone("\(error)"))
        }
    }

    /// Sends a command that has to succeed.
    @discardableResult
    private func demand(
        _ name: String, _ cla: UInt8, _ ins: UInt8, _ p1: UInt8, _ p2: UInt8, _ data: [UInt8] = [],
        expecting length: Int? = nil
    ) throws(CardKeyError) -> [UInt8] {
        let response = try send(cla, ins, p1, p2, data, expecting: length)
        guard response.statusWord.isSuccess else { throw .module(.refused(name, response.statusWord)) }
        return response.data
    }

    func select(_ file: UInt16) throws(CardKeyError) {
        try demand("SELECT \(file.hexadecimal)", 0x00, 0xA4, 0x00, 0x00, file.bigEndianBytes)
    }

    func selectApplication() throws(CardKeyError) {
        try demand("SELECT", 0x00, 0xA4, 0x04, 0x00, dialect.application)
        keyFile = nil
    }

    func read(_ file: UInt16) throws(CardKeyError) -> [UInt8] {
        try select(file)
        return try demand("READ BINARY \(file.hexadecimal)", 0x00, 0xB0, 0x00, 0x00, expecting: 256)
    }

    func write(_ file: UInt16, _ content: [UInt8]) throws(CardKeyError) {
        try select(file)
        try demand("UPDATE BINARY \(file.hexadecimal)", 0x00, 0xD6, 0x00, 0x00, content)
    }

    func challenge(_ count: Int) throws(CardKeyError) -> [UInt8] {
        let challenge = try demand("GET CHALLENGE", 0x00, 0x84, 0x00, 0x00, expecting: count)
        guard challenge.count == count else { throw .wrongLength("challenge", challenge.count) }
        guard challenge.contains(where: { $0 != 0 }) else { throw .zeroChallenge }
        return challenge
    }

    // MARK: - Keys inside

    /// `80 1A`: the key of a card stays inside.
    func deriveCardKey(_ place: PSAMKeyPlace) throws(CardKeyError) {
        try selectKeyFile(place)
        try demand("80 1A \(place.description)", 0x80, 0x1A, place.use, place.identifier, place.factors)
    }

    /// `BF DE`: the session key of a card, made of a factor, stays inside.
    func deriveSessionKey(_ place: PSAMKeyPlace, factor: [UInt8]) throws(CardKeyError) {
        try selectKeyFile(place)
        try demand("BF DE \(place.description)", 0xBF, 0xDE, place.use, place.identifier, place.factors + factor)
    }

    private func selectKeyFile(_ place: PSAMKeyPlace) throws(CardKeyError) {
        guard keyFile != place.keyFile else { return }
        try select(place.keyFile)
        keyFile = place.keyFile
    }

    /// `80 FA 00` and `02`: whole blocks enciphered.
    func encipher(_ blocks: [UInt8], _ cipher: CardCipher) throws(CardKeyError) -> [UInt8] {
        var result: [UInt8] = []
        for (part, isLast) in parts(blocks) {
            result += try demand("80 FA", 0x80, 0xFA, parameter(isLast ? 0x00 : 0x02, cipher), 0x00, part)
        }
        guard result.count == blocks.count else { throw .wrongLength("80 FA", result.count) }
        return result
    }

    /// `80 FA 05`, `07`, `03` and `01`: the left bytes of the MAC over whole blocks; refuses a length that the module does not give.
    func mac(
        _ blocks: [UInt8], initialValue: [UInt8], _ cipher: CardCipher, length: Int
    ) throws(CardKeyError) -> [UInt8] {
        let padded = initialValue + blocks
        var answer: [UInt8] = []
        var isFirst = true
        for (part, isLast) in parts(padded) {
            let p1: UInt8 = isFirst ? (isLast ? 0x05 : 0x07) : (isLast ? 0x01 : 0x03)
            answer = try demand("80 FA", 0x80, 0xFA, parameter(p1, cipher), 0x00, part)
            isFirst = false
        }
        guard answer.count >= length else { throw .wrongLength("80 FA", answer.count) }
        return Array(answer.prefix(length))
    }

    private func parameter(_ p1: UInt8, _ cipher: CardCipher) -> UInt8 {
        cipher == .sm4 ? p1 | dialect.sm4CalculationBit : p1
    }

    private func parts(_ bytes: [UInt8]) -> [(part: [UInt8], isLast: Bool)] {
        stride(from: 0, to: bytes.count, by: dialect.largestCalculation).map { start in
            let end = min(start + dialect.largestCalculation, bytes.count)
            return (Array(bytes[start..<end]), end == bytes.count)
        }
    }
}

/// Where the key of a card comes from inside a module.
struct PSAMKeyPlace: CustomStringConvertible {
    let keyFile: UInt16
    /// The kind with the number of levels.
    let use: UInt8
    let identifier: UInt8
    /// The factors in the module's order.
    let factors: [UInt8]
    let cipher: CardCipher

    var description: String { "\(use.hexadecimal) \(identifier.hexadecimal)" }
}
