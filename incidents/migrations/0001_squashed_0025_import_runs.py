"""Every table of this package as it stood on 28 November 2026, in one step: an empty database is ready in seconds."""

import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
import incidents.models.conversation
import incidents.models.elapsed
import incidents.models.imports
import incidents.models.incident
import incidents.models.notice
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('incidents', '0001_initial'), ('incidents', '0002_error_cost'), ('incidents', '0003_detections'), ('incidents', '0004_desk'), ('incidents', '0005_fill_queue_columns'), ('incidents', '0007_dashboard'), ('incidents', '0008_second_opinions'), ('incidents', '0009_out_and_in'), ('incidents', '0010_bulk_reverted_by'), ('incidents', '0011_look_for_observables'), ('incidents', '0012_themes'), ('incidents', '0013_facets_by_age'), ('incidents', '0014_attachment_side'), ('incidents', '0015_audit_indexes'), ('incidents', '0016_profile_runs'), ('incidents', '0017_told_predictions'), ('incidents', '0018_bulk_index'), ('incidents', '0019_observables_searched'), ('incidents', '0020_import_batch'), ('incidents', '0021_batches_of_earlier_imports'), ('incidents', '0022_drift_notices'), ('incidents', '0023_taxonomy_steps'), ('incidents', '0024_accepted_automatically'), ('incidents', '0025_import_runs')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True)),
                ('guide', models.TextField(blank=True, help_text='What belongs here, and what does not.')),
                ('examples', models.JSONField(blank=True, default=list, help_text='A list of short example reports.')),
            ],
            options={
                'verbose_name_plural': 'categories',
                'ordering': ['name'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SubCategory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True)),
                ('guide', models.TextField(blank=True, help_text='What belongs here, and what does not.')),
                ('examples', models.JSONField(blank=True, default=list, help_text='A list of short example reports.')),
            ],
            options={
                'verbose_name': 'sub-category',
                'verbose_name_plural': 'sub-categories',
                'ordering': ['name'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Path',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sub_category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paths', to='incidents.subcategory')),
                ('key', models.CharField(editable=False, max_length=1000, unique=True)),
                ('state', models.CharField(choices=[('live', 'In use'), ('merged', 'Merged'), ('divided', 'Split, not told apart yet'), ('retired', 'Retired')], default='live', editable=False, max_length=10)),
                ('replaced_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='incidents.path')),
                ('categories', models.ManyToManyField(related_name='paths', to='incidents.category')),
            ],
            options={
                'ordering': ['key'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('replaced_by__isnull', False), ('state', 'merged')), models.Q(models.Q(('state', 'merged'), _negated=True), ('replaced_by', None)), _connector='OR'), name='only_merged_paths_are_replaced')],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('shortcuts', models.JSONField(blank=True, default=dict, help_text='Keys changed by the person: action to key.')),
                ('mail_notices', models.JSONField(blank=True, default=list, help_text='Kinds of notices that also come by mail.')),
                ('language', models.CharField(blank=True, help_text='Of the pages; empty: as the browser asks.', max_length=10)),
                ('time_zone', models.CharField(blank=True, help_text="Of the times on pages; empty: the server's.", max_length=60)),
                ('toured_at', models.DateTimeField(blank=True, help_text='When the tour was read or skipped.', null=True)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'abstract': False,
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('digest', models.CharField(max_length=128, primary_key=True, serialize=False)),
                ('token_key', models.CharField(db_index=True, max_length=25)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='auth_token_set', to=settings.AUTH_USER_MODEL)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('expiry', models.DateTimeField(blank=True, null=True)),
                ('name', models.CharField(max_length=80)),
                ('scopes', models.JSONField(default=list)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='BulkRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='bulk_runs', to=settings.AUTH_USER_MODEL)),
                ('query', models.CharField(blank=True, help_text="The list's address: which reports it was asked for.", max_length=2000)),
                ('verdict', models.CharField(blank=True, choices=[('confirm', 'Confirmed'), ('correct', 'Corrected'), ('reject', 'Rejected'), ('unsure', 'Unsure')], help_text='Empty: as suggested.', max_length=10)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('status', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('cancelled', 'Cancelled'), ('failed', 'Failed'), ('reverting', 'Reverting'), ('reverted', 'Reverted')], default='queued', max_length=10)),
                ('total', models.PositiveIntegerField(default=0)),
                ('decided', models.PositiveIntegerField(default=0)),
                ('left_out', models.PositiveIntegerField(default=0, help_text='Held or decided by somebody else meanwhile.')),
                ('reverted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reverted', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('paths', models.ManyToManyField(related_name='+', to='incidents.path')),
            ],
        ),
        migrations.CreateModel(
            name='ImportBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='Of the file.', max_length=200)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('origin', models.CharField(choices=[('page', 'Page'), ('api', 'API'), ('command', 'Command line')], default='command', max_length=10)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('options', models.JSONField(blank=True, default=dict, help_text='What was asked for; empty for the command line.')),
                ('file', models.FileField(blank=True, help_text='As it was uploaded; gone once the run is over.', max_length=200, upload_to=incidents.models.imports.uploaded_path)),
                ('status', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='done', max_length=10)),
                ('figures', models.JSONField(blank=True, default=dict, help_text='An ImportResult once it is done; until then the labels that it created.')),
                ('refused_file', models.FileField(blank=True, help_text='Every refused line and its reason, as CSV.', max_length=200, upload_to='')),
                ('trouble', models.TextField(blank=True, help_text='Why it failed, in the language of whoever started it.')),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ProfileRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='queued', max_length=10)),
                ('trouble', models.CharField(blank=True, max_length=300)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('figures', models.JSONField(blank=True, default=dict, help_text='A profile as it gives itself; empty until done.')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL)),
                ('name', models.CharField(max_length=80)),
                ('query', models.CharField(blank=True, help_text="The list's address after the question mark.", max_length=2000)),
                ('shared', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('owner', 'name'), name='one_view_per_owner_and_name')],
            },
        ),
        migrations.CreateModel(
            name='Setting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(db_index=True, max_length=60)),
                ('value', models.JSONField()),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='TaxonomyStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('add', 'Add'), ('rename', 'Rename'), ('merge', 'Merge'), ('split', 'Split'), ('move', 'Move'), ('retire', 'Retire'), ('undo', 'Undo')], max_length=10)),
                ('payload', models.JSONField()),
                ('undoes', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='incidents.taxonomystep')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('read_to', models.BigIntegerField(default=0, help_text='The last report that was read anew after it.')),
                ('read_at', models.DateTimeField(help_text='When all reports had been read anew.', null=True)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='ThemeRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='queued', max_length=10)),
                ('trouble', models.CharField(blank=True, max_length=300)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('reports', models.PositiveIntegerField(default=0)),
                ('alone', models.PositiveIntegerField(default=0, help_text='Reports in no theme.')),
                ('looked_at', models.DateTimeField(blank=True, help_text='When somebody last opened its page, to the minute: themes are for readers.', null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('url', models.URLField(max_length=500)),
                ('events', models.JSONField(default=list)),
                ('secret', models.CharField(default=incidents.models.notice.new_secret, editable=False, max_length=64)),
                ('active', models.BooleanField(default=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'permissions': [('manage_webhooks', 'Can manage webhooks')],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='TaxonomyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_hash', models.CharField(db_index=True, max_length=64)),
                ('path_keys', models.JSONField()),
                ('step', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='version', to='incidents.taxonomystep')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='incidents.webhook')),
                ('event', models.CharField(choices=[('filed', 'A report was filed'), ('predicted', 'A report was classified'), ('decided', 'A report was decided'), ('trained', 'A training has ended'), ('promoted', 'A model was put in charge'), ('ping', 'A test')], max_length=10)),
                ('object_id', models.BigIntegerField(help_text='Number of the report, training or promotion.')),
                ('payload', models.JSONField(help_text="What is sent: numbers and names, never a report's text.")),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('delivered', 'Delivered'), ('failed', 'Failed')], default='waiting', max_length=10)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('answer', models.CharField(blank=True, help_text='Status of the last answer, or what went wrong.', max_length=300)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['webhook', '-id'], name='delivery_of_webhook')],
            },
        ),
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('web', 'Web form'), ('api', 'API'), ('import', 'Import'), ('demo', 'Synthetic sample'), ('detection', 'Detection')], max_length=10)),
                ('reporter', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='incidents', to=settings.AUTH_USER_MODEL)),
                ('receipt_token', models.CharField(default=incidents.models.incident.new_receipt_token, editable=False, max_length=43, unique=True)),
                ('idempotency_key', models.CharField(blank=True, editable=False, max_length=200, null=True, unique=True)),
                ('filed_fingerprint', models.CharField(blank=True, editable=False, help_text='Of what came with the key.', max_length=32)),
                ('import_batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='incidents', to='incidents.importbatch')),
                ('noticed_at', models.DateTimeField(blank=True, null=True)),
                ('money_lost', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ('currency', models.CharField(choices=[('INR', 'INR'), ('USD', 'USD'), ('EUR', 'EUR'), ('GBP', 'GBP')], default='INR', max_length=3)),
                ('contact', models.CharField(blank=True, max_length=200)),
                ('consent', models.BooleanField(default=False)),
                ('document', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('status', models.CharField(choices=[('new', 'New'), ('classified', 'Classified'), ('in_review', 'In review'), ('second_look', 'Second look'), ('waiting_reporter', 'Waiting'), ('accepted', 'Accepted automatically'), ('decided', 'Decided'), ('rejected', 'Rejected'), ('merged', 'Merged')], default='new', max_length=20)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('severity', models.SmallIntegerField(choices=[(0, 'Not set'), (1, 'Low'), (2, 'Medium'), (3, 'High'), (4, 'Critical')], default=0)),
                ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='assigned_incidents', to=settings.AUTH_USER_MODEL)),
                ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_incidents', to='incidents.incident')),
                ('wakes_at', models.DateTimeField(blank=True, db_index=True, help_text='When a waiting report returns to the queue by itself.', null=True)),
                ('awaits_answer', models.BooleanField(default=False, help_text='It returns when the reporter answers.')),
                ('blind', models.BooleanField(default=False, help_text='Drawn for the audit: reviewed with the prediction hidden.')),
                ('shuffle', models.FloatField(default=incidents.models.incident.place_by_chance, editable=False, help_text='The place in a random order.')),
                ('twins', models.CharField(blank=True, editable=False, help_text='Shared by reports worded almost alike; empty before any.', max_length=64)),
                ('current_category', models.CharField(blank=True, max_length=600)),
                ('current_sub_category', models.CharField(blank=True, max_length=600)),
                ('current_confidence', models.FloatField(blank=True, null=True)),
                ('current_unsure', models.BooleanField(default=False)),
                ('current_model', models.CharField(blank=True, max_length=120)),
                ('current_anomaly', models.FloatField(blank=True, help_text='Percentile of earlier reports, 0 to 100.', null=True)),
                ('current_margin', models.FloatField(blank=True, help_text='Most probable path before the second.', null=True)),
                ('current_entropy', models.FloatField(blank=True, help_text='Of the distribution over paths, in nats.', null=True)),
                ('review_priority', models.FloatField(default=0.0)),
                ('standing_category', models.CharField(blank=True, help_text='The decided one, else the predicted.', max_length=600)),
                ('confidence_band', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('current_confidence__isnull', True), models.Q(('blind', True), ('decided_at__isnull', True)), _connector='OR'), then=models.Value(0)), models.When(current_confidence__lt=0.5, then=models.Value(1)), models.When(current_confidence__lt=0.7, then=models.Value(2)), models.When(current_confidence__lt=0.9, then=models.Value(3)), default=models.Value(4)), output_field=models.SmallIntegerField())),
                ('anomaly_band', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('current_anomaly__isnull', True), models.Q(('blind', True), ('decided_at__isnull', True)), _connector='OR'), then=models.Value(0)), models.When(current_anomaly__lt=50.0, then=models.Value(1)), models.When(current_anomaly__lt=90.0, then=models.Value(2)), models.When(current_anomaly__lt=99.0, then=models.Value(3)), default=models.Value(4)), output_field=models.SmallIntegerField())),
                ('told_model', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('blind', True), ('decided_at__isnull', True)), then=models.Value('')), default=models.F('current_model')), output_field=models.CharField(max_length=120))),
                ('told_unsure', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('blind', True), ('decided_at__isnull', True)), then=models.Value(False)), default=models.F('current_unsure')), output_field=models.BooleanField())),
                ('told_confidence', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('blind', True), ('decided_at__isnull', True)), then=models.Value(None)), default=models.F('current_confidence')), null=True, output_field=models.FloatField())),
                ('told_anomaly', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('blind', True), ('decided_at__isnull', True)), then=models.Value(None)), default=models.F('current_anomaly')), null=True, output_field=models.FloatField())),
                ('told_margin', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('blind', True), ('decided_at__isnull', True)), then=models.Value(None)), default=models.F('current_margin')), null=True, output_field=models.FloatField())),
                ('told_entropy', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('blind', True), ('decided_at__isnull', True)), then=models.Value(None)), default=models.F('current_entropy')), null=True, output_field=models.FloatField())),
                ('claimed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='claims', to=settings.AUTH_USER_MODEL)),
                ('claimed_from', models.CharField(blank=True, help_text='The status before the claim.', max_length=20)),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('claim_expires_at', models.DateTimeField(blank=True, db_index=True, null=True)),
                ('first_claimed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('triaged_at', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce('first_claimed_at', 'decided_at'), null=True, output_field=models.DateTimeField())),
                ('triage_seconds', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('created_at__lt', django.db.models.functions.comparison.Coalesce('first_claimed_at', 'decided_at'))), then=incidents.models.elapsed.SecondsBetween('created_at', django.db.models.functions.comparison.Coalesce('first_claimed_at', 'decided_at'))), default=None), null=True, output_field=models.BigIntegerField())),
                ('resolve_seconds', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('created_at__lt', models.F('decided_at'))), then=incidents.models.elapsed.SecondsBetween('created_at', models.F('decided_at'))), default=None), null=True, output_field=models.BigIntegerField())),
                ('split_group', models.CharField(db_index=True, max_length=64)),
                ('split', models.CharField(choices=[('train', 'Training'), ('validation', 'Validation'), ('test', 'Test')], max_length=10)),
            ],
            options={
                'permissions': [('review_incident', 'Can review reports'), ('view_profile', 'Can see the data profile'), ('export_incidents', 'Can export reports'), ('import_incidents', 'Can import files of reports')],
                'indexes': [models.Index(fields=['status', '-review_priority', 'id'], name='incident_queue'), models.Index(fields=['reporter', '-id'], name='incident_of_reporter'), models.Index(fields=['status', 'told_confidence', 'id'], name='incident_least_confident'), models.Index(fields=['status', 'told_margin', 'id'], name='incident_by_margin'), models.Index(fields=['status', '-told_entropy', 'id'], name='incident_by_entropy'), models.Index(fields=['status', '-told_anomaly', 'id'], name='incident_by_anomaly'), models.Index(fields=['status', '-severity', 'id'], name='incident_by_severity'), models.Index(fields=['status', 'created_at', 'id'], name='incident_by_age'), models.Index(fields=['status', 'shuffle', 'id'], name='incident_by_chance'), models.Index(fields=['twins', 'status', 'id'], name='incident_twins'), models.Index(fields=['status', 'standing_category', 'confidence_band', 'anomaly_band', 'told_model', 'source', 'assignee', 'told_unsure', 'created_at'], name='incident_facets'), models.Index(fields=['status', 'current_category', 'current_sub_category', 'split', 'blind', 'current_model'], name='incident_bulk'), models.Index(condition=models.Q(('decided_at__isnull', False)), fields=['decided_at', 'resolve_seconds'], name='incident_resolved'), models.Index(condition=models.Q(('triaged_at__isnull', False)), fields=['triaged_at', 'triage_seconds'], name='incident_triaged'), models.Index(fields=['standing_category', 'created_at'], name='incident_label_mix'), models.Index(condition=models.Q(('anomaly_band', 4)), fields=['created_at'], name='incident_unusual')],
            },
        ),
        migrations.CreateModel(
            name='AlikeAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('incident', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='incidents.incident')),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='incidents.incident')),
                ('space', models.CharField(choices=[('encoder', 'Vectors of the encoder'), ('words', 'Hashed character n-grams')], max_length=10)),
                ('similarity', models.FloatField(help_text='Cosine, -1 to 1.')),
                ('alike', models.BooleanField()),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='incidents.incident')),
                ('file', models.FileField(max_length=200, upload_to=incidents.models.conversation.attachment_path)),
                ('name', models.CharField(help_text='What the sender called it.', max_length=200)),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.PositiveIntegerField(help_text='Bytes.')),
                ('sha256', models.CharField(max_length=64)),
                ('by', models.ForeignKey(blank=True, help_text='Empty: the reporter, without an account.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('from_reporter', models.BooleanField(default=False, help_text='Shown to the reporter, as what they sent.')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(db_index=True, max_length=60)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('incident', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='audit_events', to='incidents.incident')),
                ('subject', models.CharField(blank=True, help_text='What it is about, by name.', max_length=200)),
                ('detail', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='BulkItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='incidents.bulkrun')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='incidents.incident')),
                ('done', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'incident'), name='one_item_per_run_and_incident')],
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='incidents.incident')),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='comments', to=settings.AUTH_USER_MODEL)),
                ('text', models.TextField(max_length=20000)),
                ('to_reporter', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='incidents.incident')),
                ('into', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='merges_into', to='incidents.incident')),
                ('status_before', models.CharField(max_length=20)),
                ('similarity', models.FloatField(blank=True, help_text='As it was offered, 0 to 1; empty if not offered.', null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(choices=[('mention', 'I am mentioned'), ('assigned', 'A report is assigned to me'), ('comment', 'A comment on a report that I watch'), ('decided', 'A decision on a report that I watch or filed'), ('reply', 'A reply to a report that I filed'), ('reporter', 'A reporter answers on a report of mine'), ('returned', 'A report that I snoozed is back'), ('trained', 'A training has ended'), ('doubts', 'Labels are in doubt'), ('drift', 'Reports have changed'), ('promise', 'A promise of the model no longer holds')], max_length=10)),
                ('incident', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='incidents.incident')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('subject', models.CharField(blank=True, help_text='What it is about, where that is no report.', max_length=200)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('mailed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['user', 'read_at', '-id'], name='notice_of_user')],
            },
        ),
        migrations.CreateModel(
            name='Observable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='observables', to='incidents.incident')),
                ('kind', models.CharField(choices=[('ip', 'IP address'), ('domain', 'Domain'), ('url', 'URL'), ('email', 'E-mail'), ('hash', 'Hash'), ('wallet', 'Wallet')], max_length=10)),
                ('value', models.CharField(max_length=500)),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'value'], name='observable_value')],
                'constraints': [models.UniqueConstraint(fields=('incident', 'kind', 'value'), name='one_observable_per_incident_and_value')],
            },
        ),
        migrations.CreateModel(
            name='SearchDocument',
            fields=[
                ('incident', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='search_document', serialize=False, to='incidents.incident')),
                ('words', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='TextBand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='text_bands', to='incidents.incident')),
                ('key', models.BigIntegerField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='TextRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='text_revisions', to='incidents.incident')),
                ('number', models.PositiveIntegerField(default=1)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('text', models.TextField(max_length=20000)),
                ('text_hash', models.CharField(db_index=True, max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('looked_through_at', models.DateTimeField(blank=True, editable=False, help_text='For observables.', null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('incident', 'number'), name='one_text_per_revision')],
            },
        ),
        migrations.CreateModel(
            name='Theme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='themes', to='incidents.themerun')),
                ('name', models.CharField(help_text='The words that set it apart.', max_length=200)),
                ('incidents', models.ManyToManyField(related_name='themes', to='incidents.incident')),
            ],
        ),
        migrations.CreateModel(
            name='Watch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='watches', to='incidents.incident')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='watches', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('incident', 'user'), name='one_watch_per_incident_and_user')],
            },
        ),
        migrations.CreateModel(
            name='Label',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='labels', to='incidents.incident')),
                ('text_revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='labels', to='incidents.textrevision')),
                ('taxonomy_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='labels', to='incidents.taxonomyversion')),
                ('reviewer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='labels', to=settings.AUTH_USER_MODEL)),
                ('source', models.CharField(choices=[('review', 'Review'), ('import', 'Import'), ('demo', 'Synthetic sample')], default='review', max_length=10)),
                ('verdict', models.CharField(choices=[('confirm', 'Confirmed'), ('correct', 'Corrected'), ('reject', 'Rejected'), ('unsure', 'Unsure')], max_length=10)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('shown_model', models.CharField(blank=True, help_text='The version whose suggestion stood then, shown or hidden.', max_length=120)),
                ('suggested', models.JSONField(blank=True, help_text='Numbers of the paths that the model suggested then, shown or hidden.', null=True)),
                ('suggested_confidence', models.FloatField(blank=True, help_text='How sure the model was of them, 0 to 1.', null=True)),
                ('blind', models.BooleanField(default=False, help_text='Given with the prediction hidden.')),
                ('slot', models.PositiveSmallIntegerField(choices=[(1, 'First'), (2, 'Second opinion'), (3, 'Adjudication')], default=1)),
                ('bulk', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='labels', to='incidents.bulkrun')),
                ('seconds', models.FloatField(blank=True, help_text='From claim to decision.', null=True)),
                ('expected_until', models.DateTimeField(blank=True, help_text='Of a rejected detection: the same is expected, and suppressed, until then.', null=True)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('paths', models.ManyToManyField(related_name='labels', to='incidents.path')),
            ],
            options={
                'indexes': [models.Index(fields=['source', 'reviewer', 'created_at', 'bulk', 'verdict', 'seconds'], name='label_of_person'), models.Index(fields=['incident', 'reviewer'], name='label_of_report_and_person'), models.Index(fields=['reviewer', 'slot'], name='label_of_person_and_slot'), models.Index(condition=models.Q(('blind', True)), fields=['source', 'slot', 'created_at'], name='label_blind'), models.Index(condition=models.Q(('suggested_confidence__isnull', False)), fields=['source', 'slot', 'created_at', 'blind', 'bulk', 'verdict', 'suggested_confidence'], name='label_beside_suggestion')],
            },
        ),
        migrations.CreateModel(
            name='ReporterMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reporter_messages', to='incidents.incident')),
                ('kind', models.CharField(choices=[('facts', 'More facts'), ('wrong', 'This is wrong')], max_length=10)),
                ('text', models.TextField(blank=True, max_length=20000)),
                ('disputed', models.ForeignKey(blank=True, help_text='The decision that stood when the reporter called it wrong; it weighs less until decided anew.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='disputes', to='incidents.label')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('handled_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['incident', 'handled_at'], name='reporter_message_open')],
            },
        ),
        migrations.CreateModel(
            name='Retraction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='retraction', to='incidents.label')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='SecondOpinion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='second_opinions', to='incidents.incident')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('held', 'Held'), ('agreed', 'Agreed'), ('disputed', 'Disputed'), ('adjudicated', 'Adjudicated'), ('withdrawn', 'Withdrawn')], default='waiting', max_length=12)),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='incidents.label')),
                ('second', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='second_opinion', to='incidents.label')),
                ('adjudication', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='adjudicated_opinion', to='incidents.label')),
                ('claimed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('claim_expires_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'permissions': [('adjudicate', 'Can settle disputed reports')],
                'indexes': [models.Index(fields=['state', 'id'], name='second_opinion_state')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'held', 'disputed'])), fields=('incident',), name='one_open_second_opinion_per_incident')],
            },
        ),
        migrations.AddField(
            model_name='user',
            name='default_view',
            field=models.ForeignKey(blank=True, help_text='What the list of reports opens with.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='incidents.savedview'),
        ),
        migrations.AddField(
            model_name='incident',
            name='current_label',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='current_of', to='incidents.label'),
        ),
        migrations.AddField(
            model_name='incident',
            name='current_text',
            field=models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='current_of', to='incidents.textrevision'),
        ),
    ]
