CREATE TRIGGER alerts_updated_at BEFORE UPDATE ON alerts FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at) EXECUTE FUNCTION set_updated_at();
