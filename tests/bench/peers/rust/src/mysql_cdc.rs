// Decodes every event of a binlog file with mysql_cdc and prints how many row images it saw.
use mysql_cdc::binlog_reader::BinlogReader;
use mysql_cdc::errors::Error;
use mysql_cdc::events::binlog_event::BinlogEvent;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: mysql_cdc FILE")?;
    let mut reader = BinlogReader::new(std::fs::File::open(path)?).map_err(|e| format!("{e:?}"))?;
    let (mut events, mut images) = (0u64, 0usize);
    loop {
        match reader.read_event() {
            Ok((_, event)) => {
                events += 1;
                images += match &event {
                    BinlogEvent::WriteRowsEvent(e) => e.rows.len(),
                    BinlogEvent::DeleteRowsEvent(e) => e.rows.len(),
                    BinlogEvent::UpdateRowsEvent(e) => 2 * e.rows.len(),
                    _ => 0,
                };
                std::hint::black_box(&event);
            }
            Err(Error::IoError(e)) if e.kind() == std::io::ErrorKind::UnexpectedEof => break,
            Err(e) => return Err(format!("{e:?}").into()),
        }
    }
    println!("{events} events, {images} row images");
    Ok(())
}
